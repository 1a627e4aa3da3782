package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.Tensor;

/// What a stream brings to one block of one evaluation.
///
/// @param modulation for the stream's own part
/// @param cross      for the meeting of the streams; null without the other stream
/// @param gate       of what flows in, one row, from the other stream's noise level; likewise
/// @param geometry   where the tokens are
/// @param textMask   additive, or null
/// @param selfMask   additive, `[B, 1, T, T]`, or null
/// @param enabled    whether the block changes this stream; if not, the other one still reads it
/// @param trace      sees what happens to this stream inside the block
record StreamStep(
        ModulationRows modulation,
        ModulationRows cross,
        ModulationRows gate,
        Geometry geometry,
        Tensor textMask,
        Tensor selfMask,
        boolean enabled,
        Trace trace) {}
