package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;

/// Mean and deviation of audio latents, one for each pair of channel and bin, in the order of a token's elements.
///
/// @param mean      `[Z, 1, M]`
/// @param deviation `[Z, 1, M]`
record AudioStatistics(Tensor mean, Tensor deviation) {

    static AudioStatistics load(AudioVaeConfig config, Weights weights) {
        Weights statistics = weights.under("per_channel_statistics");
        return new AudioStatistics(grid(config, statistics, "mean-of-means"), grid(config, statistics, "std-of-means"));
    }

    /// @param latent `[B, Z, T, M]`, as the encoder's network gives it
    Tensor normalise(Tensor latent) {
        return latent.minus(mean).dividedBy(deviation);
    }

    /// @param latent `[B, Z, T, M]`, as the transformer knows it
    Tensor unnormalise(Tensor latent) {
        return latent.times(deviation).plus(mean);
    }

    private static Tensor grid(AudioVaeConfig config, Weights statistics, String name) {
        long channels = config.latentChannels();
        long bins = config.latentBins();
        return statistics.derived(statistics.tensor(name, channels * bins).view(channels, 1, bins));
    }
}
