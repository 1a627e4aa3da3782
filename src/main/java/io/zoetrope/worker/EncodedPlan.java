package io.zoetrope.worker;

import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.plan.GivenLatents;

/// What the first stage makes of a plan: its words and everything given, as tensors.
///
/// @param negative   null if the guidance needs none
/// @param given      latents of conditions
/// @param sound      float32 `[2, S]` that the result carries; null unless one was given
/// @param sampleRate of that sound, Hz
public record EncodedPlan(
        TextContext positive, TextContext negative, GivenLatents given, Tensor sound, int sampleRate) {}
