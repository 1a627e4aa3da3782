/// What a request means for a model and a device: a [io.zoetrope.request.ParsedRequest] comes in, a [GenerationPlan]
/// goes out (frames, latent shapes, noise, schedule, guidance, memory per stage), or all the reasons why there is
/// none.
///
/// A plan holds everything that is needed to make the same clip again; its digest names the clip.
package io.zoetrope.plan;
