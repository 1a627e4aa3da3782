package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.Tensor;

/// The vectors that shift, scale and gate a stream in one block: those of the timestep on top of the block's
/// own table.
///
/// Where all tokens share a timestep the sums of all rows are made at once, being small. Per token they are as
/// large as the hidden state each, so a row is summed when it is asked for and dies with the step that used it.
final class ModulationRows {

    private final Tensor vectors; // [B, T or 1, n, D]
    private final Tensor table; // [n, D]; null if it is in the vectors already

    private ModulationRows(Tensor vectors, Tensor table) {
        this.vectors = vectors;
        this.table = table;
    }

    /// @param vectors `[B, T or 1, n, D]`
    /// @param table   `[n, D]`
    static ModulationRows of(Tensor vectors, Tensor table) {
        boolean shared = vectors.size(1) == 1;
        return shared ? new ModulationRows(vectors.plus(table), null) : new ModulationRows(vectors, table);
    }

    /// A table alone, for models in which the timestep adds nothing.
    static ModulationRows of(Tensor table) {
        return new ModulationRows(table.unsqueeze(0).unsqueeze(0), null);
    }

    /// @return `[B, T or 1, D]`
    Tensor row(int index) {
        Tensor row = vectors.select(2, index);
        return table == null ? row : row.plus(table.select(0, index));
    }

    /// `normalised · (1 + scale) + shift`.
    ///
    /// @param normalised `[B, T, D]`
    /// @param scale      index of a row
    /// @param shift      index of a row
    Tensor modulate(Tensor normalised, int scale, int shift) {
        return row(shift).plusProduct(normalised, row(scale).plus(1));
    }
}
