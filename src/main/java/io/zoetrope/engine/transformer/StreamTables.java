package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// What the blocks add to the vectors of one stream's timesteps.
///
/// @param own    for the stream's own part of a block
/// @param cross  for the meeting of the streams
/// @param gate   for what flows in from the other stream
/// @param prompt for the text; null for models without text modulation
record StreamTables(ModulationTable own, ModulationTable cross, ModulationTable gate, ModulationTable prompt) {

    /// @param blocks  the stream's part of each block
    /// @param weights owns what is made here
    static StreamTables of(List<StreamBlock> blocks, boolean textModulation, Weights weights) {
        return new StreamTables(
                table(
                        blocks,
                        StreamBlock::table,
                        textModulation ? StreamBlock.SCALES_WITH_TEXT : StreamBlock.SCALES,
                        weights),
                table(blocks, StreamBlock::crossTable, Crossing.SCALES, weights),
                table(blocks, StreamBlock::gateTable, Set.of(), weights),
                textModulation ? table(blocks, StreamBlock::promptTable, StreamBlock.PROMPT_SCALES, weights) : null);
    }

    private static ModulationTable table(
            List<StreamBlock> blocks, Function<StreamBlock, Tensor> table, Set<Integer> scales, Weights weights) {
        return ModulationTable.of(blocks.stream().map(table).toList(), scales, weights);
    }
}
