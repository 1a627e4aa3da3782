package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.Tensor;
import java.util.List;

/// What a stream brings to one evaluation.
///
/// @param blocks   to each block
/// @param prompt   modulation of the text in each block, where it depends on the step; otherwise empty
/// @param embedded the timestep itself in the stream's width, for the way out, `[B, T or 1, D]`
record StreamSteps(List<StreamStep> blocks, List<ModulationRows> prompt, Tensor embedded) {}
