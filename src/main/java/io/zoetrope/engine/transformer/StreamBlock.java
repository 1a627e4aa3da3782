package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.layer.FeedForward;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// One stream's own part of a block: attention to itself, attention to its text, feed-forward.
final class StreamBlock {

    private static final int SELF_SHIFT = 0;
    private static final int SELF_SCALE = 1;
    private static final int SELF_GATE = 2;
    private static final int FEED_FORWARD_SHIFT = 3;
    private static final int FEED_FORWARD_SCALE = 4;
    private static final int FEED_FORWARD_GATE = 5;
    private static final int TEXT_SHIFT = 6; // this and the next two with text modulation only
    private static final int TEXT_SCALE = 7;
    private static final int TEXT_GATE = 8;

    private static final int PROMPT_ROWS = 2;
    private static final int PROMPT_SHIFT = 0;
    private static final int PROMPT_SCALE = 1;

    private final double epsilon;
    private final Attention selfAttention;
    private final Attention textAttention;
    private final FeedForward feedForward;
    private final Tensor table; // [n, D]
    private final Tensor promptTable; // [2, D]; null without text modulation

    private StreamBlock(
            TransformerConfig config, TransformerConfig.StreamConfig stream, String names, Weights weights) {
        int width = stream.width();
        var attention = new Attention.Config(
                width, width, config.heads(), stream.headWidth(), config.gatedAttention(), config.epsilon());
        this.epsilon = config.epsilon();
        this.selfAttention = Attention.load(attention, weights.under(names + "attn1"));
        this.textAttention = Attention.load(attention, weights.under(names + "attn2"));
        this.feedForward = FeedForward.load(width, stream.feedForwardBias(), weights.under(names + "ff"));
        this.table = weights.tensor(names + "scale_shift_table", config.modulationVectors(), width);
        this.promptTable =
                config.textModulation() ? weights.tensor(names + "prompt_scale_shift_table", PROMPT_ROWS, width) : null;
    }

    /// @param names prefix of the stream's keys: empty for video, `audio_` for audio
    static StreamBlock load(
            TransformerConfig config, TransformerConfig.StreamConfig stream, String names, Weights weights) {
        return new StreamBlock(config, stream, names, weights);
    }

    /// The timestep's vectors on top of this block's table.
    ///
    /// @param vectors `[B, T or 1, n, D]`
    ModulationRows modulation(Tensor vectors) {
        return ModulationRows.of(vectors, table);
    }

    /// The text's keys and values for this block.
    ///
    /// @param context       `[B, S, D]`
    /// @param promptVectors `[B, 1, 2, D]`; null for models without prompt heads
    Attention.KeyValue textKeyValue(Tensor context, Tensor promptVectors) {
        if (promptTable == null) {
            return textAttention.keyValue(context, null);
        }
        ModulationRows prompt =
                promptVectors == null ? ModulationRows.of(promptTable) : ModulationRows.of(promptVectors, promptTable);
        return textAttention.keyValue(prompt.modulate(context, PROMPT_SCALE, PROMPT_SHIFT), null);
    }

    /// `x + gate · attn1(mod(x))`.
    ///
    /// @param hidden `[B, T, D]`
    /// @param keep   which samples attend to themselves normally
    Tensor attendToSelf(Tensor hidden, ModulationRows modulation, StreamStep step, Keep keep) {
        try (TensorScope scope = TensorScope.open()) {
            RotaryTable rotation = step.geometry().self();
            Tensor input = modulation.modulate(norm(hidden), SELF_SCALE, SELF_SHIFT);
            Tensor attended = switch (keep) {
                case Keep.All _ ->
                    selfAttention.forward(input, selfAttention.keyValue(input, rotation), rotation, step.selfMask());
                case Keep.None _ -> selfAttention.passThrough(input);
                case Keep.Some(Tensor flags) ->
                    selfAttention.partlyPassThrough(input, rotation, step.selfMask(), flags.unsqueeze(-1));
            };
            step.trace().see("self.in", input);
            step.trace().see("self.out", attended);
            return scope.keep(hidden.plusProduct(modulation.row(SELF_GATE), attended));
        }
    }

    /// `x + attn2(rms(x))`, or with text modulation `x + gate · attn2(mod(x))`.
    ///
    /// @param hidden `[B, T, D]`
    Tensor attendToText(Tensor hidden, ModulationRows modulation, Attention.KeyValue text, StreamStep step) {
        try (TensorScope scope = TensorScope.open()) {
            boolean modulated = promptTable != null;
            Tensor input = modulated ? modulation.modulate(norm(hidden), TEXT_SCALE, TEXT_SHIFT) : norm(hidden);
            Tensor attended = textAttention.forward(input, text, null, step.textMask());
            step.trace().see("text.in", input);
            step.trace().see("text.out", attended);
            return scope.keep(
                    modulated ? hidden.plusProduct(modulation.row(TEXT_GATE), attended) : hidden.plus(attended));
        }
    }

    /// `x + gate · ff(mod(x))`.
    ///
    /// @param hidden `[B, T, D]`
    Tensor feedForward(Tensor hidden, ModulationRows modulation, StreamStep step) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor input = modulation.modulate(norm(hidden), FEED_FORWARD_SCALE, FEED_FORWARD_SHIFT);
            Tensor passed = feedForward.forward(input);
            step.trace().see("feed_forward.in", input);
            step.trace().see("feed_forward.out", passed);
            return scope.keep(hidden.plusProduct(modulation.row(FEED_FORWARD_GATE), passed));
        }
    }

    private Tensor norm(Tensor hidden) {
        return hidden.rmsNorm(null, epsilon);
    }
}
