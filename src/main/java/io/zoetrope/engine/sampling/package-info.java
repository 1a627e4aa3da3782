/// From noise to latents: a schedule of noise levels, the network's predictions, guidance and a sampler's steps.
///
/// A [io.zoetrope.engine.sampling.DenoisingLoop] takes the states of both streams from noise level 1 to 0. At
/// each level a [io.zoetrope.engine.sampling.GuidedDenoiser] asks the transformer for up to four predictions of
/// the clean latents and combines them; a [io.zoetrope.engine.sampling.Sampler] then moves the latents to the
/// next level. Formulas: docs/model/sampling.md.
package io.zoetrope.engine.sampling;
