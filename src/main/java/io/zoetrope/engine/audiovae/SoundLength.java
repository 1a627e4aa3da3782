package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// How a given sound comes to be as long as the clip it goes with.
public final class SoundLength {

    private static final int TIME_AXIS = 2;

    private SoundLength() {}

    /// Checks before any work that a sound reaches to the end of a clip; a longer one is cut by
    /// [#fitted(Tensor, long)].
    ///
    /// @param samples    in each channel
    /// @param sampleRate Hz
    /// @param frames     audio latent frames of the clip
    /// @throws IllegalArgumentException naming the sound's duration and the shortest one that is long enough,
    ///         seconds
    public static void requireEnough(AudioVaeConfig config, long samples, int sampleRate, long frames) {
        long resampled = SincResampler.resampledLength(samples, sampleRate, config.sampleRate());
        if (config.latentFrames(resampled) < frames) {
            double frame = (double) config.timeScale() * config.hopLength() / config.sampleRate();
            throw new IllegalArgumentException("sound of %.3f s, expected at least %.3f s for %d audio latent frames"
                    .formatted((double) samples / sampleRate, (frames - 1) * frame, frames));
        }
    }

    /// A latent of exactly `frames` frames: what is longer is cut, what is shorter ends in zeros, which are the
    /// mean of normalised latents rather than silence.
    ///
    /// @param latent `[B, Z, T, M]`, normalised
    /// @return `[B, Z, frames, M]`; a view of `latent` if nothing is added
    public static Tensor fitted(Tensor latent, long frames) {
        if (frames < 1) {
            throw new IllegalArgumentException("%d audio latent frames, expected at least 1".formatted(frames));
        }
        long missing = frames - latent.size(TIME_AXIS);
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(
                    missing > 0 ? latent.pad("constant", 0, 0, 0, missing) : latent.narrow(TIME_AXIS, 0, frames));
        }
    }
}
