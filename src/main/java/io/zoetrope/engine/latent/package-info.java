/// Latents: what the networks talk about. Named shapes, the two orders of their elements (grids for the
/// autoencoders, tokens for the transformer) and the place of every token in time and space.
///
/// Axis letters in shapes, here and everywhere in the engine: B batch, C channels, F latent frames, H and W
/// height and width, T tokens, S text slots, D width of a stream, N heads, d width of a head, Z audio latent
/// channels, M mel bins.
package io.zoetrope.engine.latent;
