/// Given pictures, clips and sounds enter a generation: functions from latent state to latent state.
///
/// A [io.zoetrope.engine.conditioning.Conditioning] takes the state of one stream, all of it still to be generated,
/// and gives a state that keeps something, or has more tokens to look at.
/// [io.zoetrope.engine.conditioning.VideoGrid] makes them of latents. Noise is mixed in afterwards.
/// Source: docs/model/conditioning.md.
package io.zoetrope.engine.conditioning;
