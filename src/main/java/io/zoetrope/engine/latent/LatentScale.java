package io.zoetrope.engine.latent;

/// How pixels and mel frames shrink to latents; from the autoencoders' block lists, never constants.
///
/// @param temporal       pixel frames of a latent frame after the first, which stands for one pixel frame (8)
/// @param spatial        pixels of a latent cell, in height and width (32)
/// @param sampleRate     of the sound that the mel spectrogram describes, Hz (16000)
/// @param hopLength      samples of a mel frame (160)
/// @param melFrames      mel frames of an audio latent frame (4)
public record LatentScale(int temporal, int spatial, int sampleRate, int hopLength, int melFrames) {

    /// Of all published models.
    public static final LatentScale STANDARD = new LatentScale(8, 32, 16000, 160, 4);

    /// Audio latent frames of a second: 25.
    public double audioFramesPerSecond() {
        return (double) sampleRate / hopLength / melFrames;
    }
}
