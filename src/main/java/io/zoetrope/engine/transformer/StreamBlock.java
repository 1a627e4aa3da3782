package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.layer.FeedForward;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.Tensor;

/// One stream's own part of a block: attention to itself, attention to its text, feed-forward.
final class StreamBlock {

    /// A row of the modulation table plus the timestep's vector for it.
    private static final int SELF_SHIFT = 0;

    private static final int SELF_SCALE = 1;
    private static final int SELF_GATE = 2;
    private static final int FEED_FORWARD_SHIFT = 3;
    private static final int FEED_FORWARD_SCALE = 4;
    private static final int FEED_FORWARD_GATE = 5;
    private static final int TEXT_SHIFT = 6;
    private static final int TEXT_SCALE = 7;
    private static final int TEXT_GATE = 8;

    private static final int PROMPT_ROWS = 2;

    private final TransformerConfig config;
    private final Attention selfAttention;
    private final Attention textAttention;
    private final FeedForward feedForward;
    private final Tensor table; // [n, D]
    private final Tensor promptTable; // [2, D], or null

    private StreamBlock(
            TransformerConfig config,
            Attention selfAttention,
            Attention textAttention,
            FeedForward feedForward,
            Tensor table,
            Tensor promptTable) {
        this.config = config;
        this.selfAttention = selfAttention;
        this.textAttention = textAttention;
        this.feedForward = feedForward;
        this.table = table;
        this.promptTable = promptTable;
    }

    /// @param names prefix of the stream's keys: empty for video, `audio_` for audio
    static StreamBlock load(
            TransformerConfig config, TransformerConfig.StreamConfig stream, String names, Weights weights) {
        int width = stream.width();
        var attention = new Attention.Config(
                width, width, config.heads(), stream.headWidth(), config.gatedAttention(), config.epsilon());
        return new StreamBlock(
                config,
                Attention.load(attention, weights.under(names + "attn1")),
                Attention.load(attention, weights.under(names + "attn2")),
                FeedForward.load(width, stream.feedForwardBias(), weights.under(names + "ff")),
                weights.tensor(names + "scale_shift_table", config.modulationVectors(), width),
                config.textModulation()
                        ? weights.tensor(names + "prompt_scale_shift_table", PROMPT_ROWS, width)
                        : null);
    }

    /// The timestep's vectors on top of this block's table.
    ///
    /// @param vectors `[B, T, n, D]`
    /// @return `[B, T, n, D]`
    Tensor modulation(Tensor vectors) {
        return vectors.plus(table);
    }

    /// `x + gate · attn1(mod(x))`.
    ///
    /// @param hidden     `[B, T, D]`
    /// @param modulation `[B, T or 1, n, D]`
    /// @param mask       additive, or null
    Tensor attendToSelf(Tensor hidden, Tensor modulation, RotaryTable rotation, Tensor mask, Keep keep) {
        Tensor input = modulated(hidden, modulation, SELF_SCALE, SELF_SHIFT);
        Tensor attended = switch (keep) {
            case Keep.All _ -> selfAttention.forward(input, selfAttention.keyValue(input, rotation), rotation, mask);
            case Keep.None _ -> selfAttention.passThrough(input);
            case Keep.Some(Tensor flags) -> selfAttention.partlyPassThrough(input, rotation, mask, flags.unsqueeze(-1));
        };
        return hidden.plusProduct(modulation.select(2, SELF_GATE), attended);
    }

    /// The text's keys and values for this block.
    ///
    /// @param context       `[B, S, D]`
    /// @param promptVectors `[B, 1, 2, D]`; null where the model has no prompt heads
    Attention.KeyValue textKeyValue(Tensor context, Tensor promptVectors) {
        if (promptTable == null) {
            return textAttention.keyValue(context, null);
        }
        Tensor rows = promptVectors == null ? promptTable.view(1, 1, PROMPT_ROWS, -1) : promptVectors.plus(promptTable);
        Tensor shift = rows.select(2, 0);
        Tensor scale = rows.select(2, 1);
        return textAttention.keyValue(shift.plusProduct(context, scale.plus(1)), null);
    }

    /// `x + [gate ·] attn2(rms(x) or mod(x), text)`.
    Tensor attendToText(Tensor hidden, Tensor modulation, Attention.KeyValue text, Tensor mask) {
        if (!config.textModulation()) {
            return hidden.plus(textAttention.forward(hidden.rmsNorm(null, config.epsilon()), text, null, mask));
        }
        Tensor attended =
                textAttention.forward(modulated(hidden, modulation, TEXT_SCALE, TEXT_SHIFT), text, null, mask);
        return hidden.plusProduct(modulation.select(2, TEXT_GATE), attended);
    }

    /// `x + gate · ff(mod(x))`.
    Tensor feedForward(Tensor hidden, Tensor modulation) {
        Tensor input = modulated(hidden, modulation, FEED_FORWARD_SCALE, FEED_FORWARD_SHIFT);
        return hidden.plusProduct(modulation.select(2, FEED_FORWARD_GATE), feedForward.forward(input));
    }

    private Tensor modulated(Tensor hidden, Tensor modulation, int scale, int shift) {
        return modulate(
                hidden.rmsNorm(null, config.epsilon()), modulation.select(2, scale), modulation.select(2, shift));
    }

    /// `normalised · (1 + scale) + shift`.
    static Tensor modulate(Tensor normalised, Tensor scale, Tensor shift) {
        return shift.plusProduct(normalised, scale.plus(1));
    }
}
