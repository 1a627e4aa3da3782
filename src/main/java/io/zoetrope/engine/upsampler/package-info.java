/// A video latent becomes a larger one between two phases of denoising.
///
/// [io.zoetrope.engine.upsampler.LatentUpsampler] is a small convolutional network in a file of its own; which way it
/// enlarges is its [io.zoetrope.engine.upsampler.UpsamplerKind]. Source: docs/model/latent-upsampler.md.
package io.zoetrope.engine.upsampler;
