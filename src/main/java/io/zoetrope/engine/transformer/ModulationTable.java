package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// What the blocks add to the vectors of a timestep, for one purpose of one stream.
///
/// Where all tokens share a timestep the sums of all blocks are small and made in one operation. Per token they
/// are as large as the hidden state each, so [ModulationRows] makes one when it is asked for.
final class ModulationTable {

    private final List<Tensor> tables; // [n, D] of each block
    private final Tensor all; // [blocks, n, D]
    private final Tensor ones; // [n, 1]: 1 for the rows that scale

    private ModulationTable(List<Tensor> tables, Tensor all, Tensor ones) {
        this.tables = tables;
        this.all = all;
        this.ones = ones;
    }

    /// @param tables  `[n, D]` of each block
    /// @param scales  numbers of the rows that scale
    /// @param weights owns what is made here
    static ModulationTable of(List<Tensor> tables, Set<Integer> scales, Weights weights) {
        Tensor all = Tensor.stack(0, tables.toArray(Tensor[]::new));
        float[] ones = new float[(int) all.size(1)];
        scales.forEach(row -> ones[row] = 1);
        return new ModulationTable(
                List.copyOf(tables),
                weights.derived(all),
                weights.derived(Tensor.of(ones, ones.length, 1).like(all)));
    }

    /// The rows of each block.
    ///
    /// @param vectors `[B, T or 1, n, D]`
    List<ModulationRows> under(Tensor vectors) {
        return vectors.size(1) == 1
                ? summed(vectors.unsqueeze(2).plus(all)) // [B, 1, blocks, n, D]
                : tables.stream()
                        .map(table -> ModulationRows.perToken(vectors, table))
                        .toList();
    }

    /// The rows of each block in models in which the timestep adds nothing.
    List<ModulationRows> alone() {
        return summed(all.unsqueeze(0).unsqueeze(0));
    }

    /// @param sums `[B, 1, blocks, n, D]`
    private List<ModulationRows> summed(Tensor sums) {
        int rows = (int) all.size(1);
        Tensor ready = sums.plus(ones).view(sums.size(0), 1, tables.size() * (long) rows, all.size(2));
        return IntStream.range(0, tables.size())
                .mapToObj(block -> ModulationRows.shared(ready, block * rows))
                .toList();
    }
}
