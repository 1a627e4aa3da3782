package io.zoetrope.worker;

import io.zoetrope.engine.Waveform;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.plan.GivenLatents;

/// What the first stage makes of a plan: its words and everything given, as tensors.
///
/// @param negative   null if the guidance needs none
/// @param given      latents of conditions
/// @param sound      that the result carries; null unless one was given
public record EncodedPlan(TextContext positive, TextContext negative, GivenLatents given, Waveform sound) {}
