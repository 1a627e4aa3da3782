/// The picture's autoencoder: latents `[B, C, F, H, W]` come in, pixels `[B, 3, 8(F-1)+1, 32H, 32W]` go out.
///
/// A [io.zoetrope.engine.videovae.VideoDecoder] is a chain of [io.zoetrope.engine.videovae.UpBlock]s that the
/// checkpoint's block list names. Formulas: docs/model/video-vae.md.
package io.zoetrope.engine.videovae;
