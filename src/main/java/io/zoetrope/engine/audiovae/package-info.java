/// The sound's autoencoder and vocoder: audio latents `[B, Z, T, M]` become log mel spectrograms `[B, 2, 4T-3,
/// 64]`, and those become waveforms `[B, 2, samples]`. The other way round, the waveform of a given sound becomes a
/// spectrogram, and that a latent.
///
/// Time comes before frequency in spectrograms and latents. Formulas: docs/model/audio-vae.md.
package io.zoetrope.engine.audiovae;
