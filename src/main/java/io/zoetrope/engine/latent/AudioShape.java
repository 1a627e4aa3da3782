package io.zoetrope.engine.latent;

import io.zoetrope.engine.tensor.Tensor;

/// The size of an audio latent.
///
/// @param channels Z
/// @param frames   T, latent frames, one token each
/// @param bins     M, latent mel bins
public record AudioShape(int channels, int frames, int bins) {

    public AudioShape {
        if (channels < 1 || frames < 1 || bins < 1) {
            throw new IllegalArgumentException(
                    "audio latent [%d, %d, %d], expected at least 1".formatted(channels, frames, bins));
        }
    }

    /// The latent of a clip's sound: its duration in latent frames, halves rounded to even.
    ///
    /// @param frames pixel frames of the clip
    /// @param fps    pixel frames per second, Hz
    public static AudioShape of(int channels, int bins, int frames, double fps, LatentScale scale) {
        double latentFrames = frames / fps * scale.sampleRate() / scale.hopLength() / scale.melFrames();
        return new AudioShape(channels, (int) Math.rint(latentFrames), bins);
    }

    /// Width of a token.
    public int width() {
        return channels * bins;
    }

    /// Grid to tokens: in a token channels are slow, bins are fast.
    ///
    /// @param latent `[B, Z, T, M]`
    /// @return `[B, T, Z · M]`
    public Tensor patchify(Tensor latent) {
        latent.requireShape("audio latent", Tensor.ANY, channels, frames, bins);
        return latent.permute(0, 2, 1, 3).reshape(latent.size(0), frames, width());
    }

    /// Tokens to grid.
    ///
    /// @param tokens `[B, T, Z · M]`
    /// @return `[B, Z, T, M]`
    public Tensor unpatchify(Tensor tokens) {
        tokens.requireShape("audio tokens", Tensor.ANY, frames, width());
        return tokens.view(tokens.size(0), frames, channels, bins).permute(0, 2, 1, 3);
    }
}
