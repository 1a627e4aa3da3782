package io.zoetrope.engine.text;

import io.zoetrope.engine.tensor.Tensor;

/// What the transformer reads of a prompt. All slots mean something; none may be cut off.
///
/// @param video `[1, S, D]`
/// @param audio `[1, S, D]`
public record TextContext(Tensor video, Tensor audio) {}
