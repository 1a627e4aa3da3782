package io.zoetrope.engine.text;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Linear;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// Features of a prompt's tokens, made of the hidden states of all layers of the text model.
public final class FeatureExtractor {

    /// @param video `[n, D video connector]`
    /// @param audio `[n, D audio connector]`
    public record Features(Tensor video, Tensor audio) {}

    private static final double RANGE = 8;
    private static final double EPSILON = 1e-6;

    private final TextEncoderConfig config;
    private final int textWidth; // H
    private final Linear video;
    private final Linear audio;

    private FeatureExtractor(TextEncoderConfig config, int textWidth, Linear video, Linear audio) {
        this.config = config;
        this.textWidth = textWidth;
        this.video = video;
        this.audio = audio;
    }

    /// @param textWidth H
    /// @param states    L + 1
    /// @param weights   at `text_embedding_projection`
    public static FeatureExtractor load(TextEncoderConfig config, int textWidth, int states, Weights weights) {
        long flat = (long) textWidth * states;
        return switch (config.variant()) {
            case MEAN_AND_RANGE -> {
                Linear shared = Linear.withoutBias(flat, config.featureWidth(), weights.under("aggregate_embed"));
                yield new FeatureExtractor(config, textWidth, shared, shared);
            }
            case PER_TOKEN ->
                new FeatureExtractor(
                        config,
                        textWidth,
                        Linear.load(flat, config.video().width(), weights.under("video_aggregate_embed")),
                        Linear.load(flat, config.audio().width(), weights.under("audio_aggregate_embed")));
        };
    }

    /// Normalises the states of one prompt's real tokens.
    ///
    /// @param states `[n, H, L + 1]`
    /// @return `[n, H · (L + 1)]`, hidden index slow, state index fast
    public Tensor normalise(Tensor states) {
        Tensor normalised = switch (config.variant()) {
            case MEAN_AND_RANGE -> byMeanAndRange(states);
            case PER_TOKEN -> byToken(states);
        };
        return normalised
                .reshape(states.size(0), states.size(1) * states.size(2))
                .to(states.type());
    }

    /// Projects normalised states; rows of zeros stand for padding.
    ///
    /// @param flat `[n, H · (L + 1)]`
    public Features project(Tensor flat) {
        return switch (config.variant()) {
            case MEAN_AND_RANGE -> {
                Tensor features = video.forward(flat);
                yield new Features(features, features);
            }
            case PER_TOKEN ->
                new Features(
                        video.forward(flat.times(rescale(config.video()))),
                        audio.forward(flat.times(rescale(config.audio()))));
        };
    }

    /// Statistics of each state over all tokens and elements of the prompt. The sum is rounded to the element
    /// type, the rest is float32, but for the range.
    private static Tensor byMeanAndRange(Tensor states) {
        double count = (double) states.size(0) * states.size(1);
        Tensor mean = states.sum(0, 1).to(DataType.FLOAT32).dividedBy(count + EPSILON); // [1, 1, L + 1]
        Tensor range = states.maximum(0, 1).minus(states.minimum(0, 1)).plus(EPSILON);
        return states.to(DataType.FLOAT32)
                .minus(mean)
                .dividedBy(range.to(DataType.FLOAT32))
                .times(RANGE);
    }

    private static Tensor byToken(Tensor states) {
        return states.times(states.square().mean(1).plus(EPSILON).rsqrt());
    }

    private double rescale(TextEncoderConfig.ConnectorConfig connector) {
        return Math.sqrt((double) connector.width() / textWidth);
    }
}
