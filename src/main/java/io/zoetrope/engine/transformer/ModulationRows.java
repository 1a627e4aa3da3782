package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.Tensor;

/// The vectors that shift, scale and gate a stream in one block: those of the timestep on top of the block's
/// own table. Made by [ModulationTable].
final class ModulationRows {

    private final Tensor vectors; // [B, T or 1, n, D]; if shared, the sums of all blocks, 1 added where they scale
    private final int first; // row of this block
    private final Tensor table; // [n, D]; null if shared

    private ModulationRows(Tensor vectors, int first, Tensor table) {
        this.vectors = vectors;
        this.first = first;
        this.table = table;
    }

    /// Of tokens that share their timestep.
    ///
    /// @param sums  `[B, 1, rows of all blocks, D]`
    /// @param first the block's first row
    static ModulationRows shared(Tensor sums, int first) {
        return new ModulationRows(sums, first, null);
    }

    /// Of tokens with timesteps of their own.
    ///
    /// @param vectors `[B, T, n, D]`
    /// @param table   `[n, D]`
    static ModulationRows perToken(Tensor vectors, Tensor table) {
        return new ModulationRows(vectors, 0, table);
    }

    /// A row that shifts or gates.
    ///
    /// @return `[B, T or 1, D]`
    Tensor row(int index) {
        Tensor row = vectors.select(2, first + (long) index);
        return table == null ? row : row.plus(table.select(0, index));
    }

    /// `normalised · (1 + scale) + shift`.
    ///
    /// @param normalised `[B, T, D]`
    /// @param scale      index of a row that scales
    /// @param shift      index of a row
    Tensor modulate(Tensor normalised, int scale, int shift) {
        Tensor factor = table == null ? row(scale) : row(scale).plus(1);
        return row(shift).plusProduct(normalised, factor);
    }
}
