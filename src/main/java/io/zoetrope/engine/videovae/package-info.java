/// The picture's autoencoder: pixels `[B, 3, 8(F-1)+1, 32H, 32W]` to latents `[B, C, F, H, W]` and back.
///
/// [io.zoetrope.engine.videovae.VideoDecoder] and [io.zoetrope.engine.videovae.VideoEncoder] are chains of blocks that
/// the checkpoint's block lists name. Both work in windows of time, which do not show, and, if told so, in tiles
/// ([io.zoetrope.engine.videovae.Tiling]), which do; what a decode then takes is counted by
/// [io.zoetrope.engine.videovae.DecodeFootprint]. Formulas: docs/model/video-vae.md.
package io.zoetrope.engine.videovae;
