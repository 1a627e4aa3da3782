package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.Tensor;

/// What a stream brings to every block of one evaluation.
///
/// @param modulation      the timestep's vectors, `[B, T or 1, n, D]`
/// @param embedded        the timestep itself in the stream's width, for the way out, `[B, T or 1, D]`
/// @param crossModulation vectors for the meeting of the streams, `[B, T or 1, 4, D]`; null without the other
///                        stream
/// @param crossGate       the gate of what flows in, from the other stream's noise level, `[B, 1, 1, D]`;
///                        likewise
/// @param promptVectors   vectors for the text, `[B, 1, 2, D]`; null for models without prompt heads
/// @param geometry        where the tokens are
/// @param textMask        additive, or null
/// @param selfMask        additive, `[B, 1, T, T]`, or null
/// @param enabled         whether the blocks change this stream; if not, the other one still reads it
/// @param trace           sees what happens to this stream inside a block
record StreamStep(
        Tensor modulation,
        Tensor embedded,
        Tensor crossModulation,
        Tensor crossGate,
        Tensor promptVectors,
        Geometry geometry,
        Tensor textMask,
        Tensor selfMask,
        boolean enabled,
        Trace trace) {}
