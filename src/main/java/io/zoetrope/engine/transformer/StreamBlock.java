package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.layer.FeedForward;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.Set;

/// One stream's own part of a block: attention to itself, attention to its text, feed-forward.
final class StreamBlock {

    /// What a stream's keys are called in a block.
    ///
    /// @param prefix  of the keys that both streams have
    /// @param meeting the table for the meeting with the other stream
    private record Names(String prefix, String meeting) {

        static final Names VIDEO = new Names("", "scale_shift_table_a2v_ca_video");
        static final Names AUDIO = new Names("audio_", "scale_shift_table_a2v_ca_audio");
    }

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

    /// Rows of [#table] that scale.
    static final Set<Integer> SCALES = Set.of(SELF_SCALE, FEED_FORWARD_SCALE);

    static final Set<Integer> SCALES_WITH_TEXT = Set.of(SELF_SCALE, FEED_FORWARD_SCALE, TEXT_SCALE);

    /// Rows of [#promptTable] that scale.
    static final Set<Integer> PROMPT_SCALES = Set.of(PROMPT_SCALE);

    private final double epsilon;
    private final Attention selfAttention;
    private final Attention textAttention;
    private final FeedForward feedForward;
    private final Tensor table; // [n, D]
    private final Tensor promptTable; // [2, D]; null without text modulation
    private final Tensor crossTable; // [4, D]
    private final Tensor gateTable; // [1, D]

    private StreamBlock(TransformerConfig config, TransformerConfig.StreamConfig stream, Names names, Weights weights) {
        int width = stream.width();
        var attention = new Attention.Config(
                width, width, config.heads(), stream.headWidth(), config.gatedAttention(), config.epsilon());
        this.epsilon = config.epsilon();
        this.selfAttention = Attention.load(attention, weights.under(names.prefix() + "attn1"));
        this.textAttention = Attention.load(attention, weights.under(names.prefix() + "attn2"));
        this.feedForward = FeedForward.load(width, stream.feedForwardBias(), weights.under(names.prefix() + "ff"));
        this.table = weights.tensor(names.prefix() + "scale_shift_table", config.modulationVectors(), width);
        this.promptTable = config.textModulation()
                ? weights.tensor(names.prefix() + "prompt_scale_shift_table", PROMPT_ROWS, width)
                : null;
        Tensor meeting = weights.tensor(names.meeting(), Crossing.TABLE_ROWS, width);
        this.crossTable = weights.derived(meeting.narrow(0, 0, Crossing.GATE_ROW));
        this.gateTable = weights.derived(meeting.narrow(0, Crossing.GATE_ROW, 1));
    }

    static StreamBlock video(TransformerConfig config, Weights weights) {
        return new StreamBlock(config, config.video(), Names.VIDEO, weights);
    }

    static StreamBlock audio(TransformerConfig config, Weights weights) {
        return new StreamBlock(config, config.audio(), Names.AUDIO, weights);
    }

    /// What this block adds to the vectors of a timestep, `[n, D]`.
    Tensor table() {
        return table;
    }

    /// What it adds to the vectors of the text, `[2, D]`; null for models without text modulation.
    Tensor promptTable() {
        return promptTable;
    }

    /// What it adds to the vectors for the meeting of the streams, `[4, D]`.
    Tensor crossTable() {
        return crossTable;
    }

    /// What it adds to the gate of what flows in, `[1, D]`.
    Tensor gateTable() {
        return gateTable;
    }

    /// The text's keys and values for this block.
    ///
    /// @param context `[B, S, D]`
    /// @param prompt  the text's modulation; null for models without it
    Attention.KeyValue textKeyValue(Tensor context, ModulationRows prompt) {
        return textAttention.keyValue(
                prompt == null ? context : prompt.modulate(context, PROMPT_SCALE, PROMPT_SHIFT), null);
    }

    /// `x + gate · attn1(mod(x))`.
    ///
    /// @param hidden `[B, T, D]`
    /// @param keep   which samples attend to themselves normally
    Tensor attendToSelf(Tensor hidden, StreamStep step, Keep keep) {
        try (TensorScope scope = TensorScope.open()) {
            RotaryTable rotation = step.geometry().self();
            Tensor input = step.modulation().modulate(norm(hidden), SELF_SCALE, SELF_SHIFT);
            Tensor attended = switch (keep) {
                case Keep.All _ ->
                    selfAttention.forward(input, selfAttention.keyValue(input, rotation), rotation, step.selfMask());
                case Keep.None _ -> selfAttention.passThrough(input);
                case Keep.Some(Tensor flags) ->
                    selfAttention.partlyPassThrough(input, rotation, step.selfMask(), flags.unsqueeze(-1));
            };
            step.trace().see("self.in", input);
            step.trace().see("self.out", attended);
            return scope.keep(hidden.plusProduct(step.modulation().row(SELF_GATE), attended));
        }
    }

    /// `x + attn2(rms(x))`, or with text modulation `x + gate · attn2(mod(x))`.
    ///
    /// @param hidden `[B, T, D]`
    Tensor attendToText(Tensor hidden, Attention.KeyValue text, StreamStep step) {
        try (TensorScope scope = TensorScope.open()) {
            boolean modulated = promptTable != null;
            Tensor input = modulated ? step.modulation().modulate(norm(hidden), TEXT_SCALE, TEXT_SHIFT) : norm(hidden);
            Tensor attended = textAttention.forward(input, text, null, step.textMask());
            step.trace().see("text.in", input);
            step.trace().see("text.out", attended);
            return scope.keep(
                    modulated ? hidden.plusProduct(step.modulation().row(TEXT_GATE), attended) : hidden.plus(attended));
        }
    }

    /// `x + gate · ff(mod(x))`.
    ///
    /// @param hidden `[B, T, D]`
    Tensor feedForward(Tensor hidden, StreamStep step) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor input = step.modulation().modulate(norm(hidden), FEED_FORWARD_SCALE, FEED_FORWARD_SHIFT);
            Tensor passed = feedForward.forward(input);
            step.trace().see("feed_forward.in", input);
            step.trace().see("feed_forward.out", passed);
            return scope.keep(hidden.plusProduct(step.modulation().row(FEED_FORWARD_GATE), passed));
        }
    }

    private Tensor norm(Tensor hidden) {
        return hidden.rmsNorm(null, epsilon);
    }
}
