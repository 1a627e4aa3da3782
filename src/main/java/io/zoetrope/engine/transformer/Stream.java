package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.latent.Positions;
import io.zoetrope.engine.layer.Linear;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// What a stream, picture or sound, does before and after the blocks: tokens into the stream's width, noise
/// levels into modulation, the last hidden state into a velocity.
///
/// Source: docs/model/transformer.md, sections 4, 5 and 8.
final class Stream {

    /// What a stream's keys are called in the checkpoint.
    ///
    /// @param prefix of the keys that both streams have
    /// @param cross  of the head for the meeting with the other stream
    /// @param gate   of the head for what flows in
    private record Names(String prefix, String cross, String gate) {

        static final Names VIDEO = new Names("", "av_ca_video_scale_shift_adaln_single", "av_ca_a2v_gate_adaln_single");
        static final Names AUDIO =
                new Names("audio_", "av_ca_audio_scale_shift_adaln_single", "av_ca_v2a_gate_adaln_single");
    }

    private static final int CROSS_VECTORS = 4;
    private static final int GATE_VECTORS = 1;
    private static final int PROMPT_VECTORS = 2;
    private static final int OUTPUT_ROWS = 2;
    private static final int OUTPUT_SHIFT = 0;
    private static final int OUTPUT_SCALE = 1;

    private final TransformerConfig config;
    private final TransformerConfig.StreamConfig stream;
    private final DataType type;
    private final Linear patchify; // C → D
    private final TimestepModulation modulation;
    private final TimestepModulation crossModulation;
    private final TimestepModulation crossGate;
    private final TimestepModulation promptModulation; // or null
    private final Linear captionFirst; // or null
    private final Linear captionSecond; // or null
    private final StreamTables tables;
    private final Tensor outputTable; // [2, D]
    private final Linear output; // D → C

    private Stream(
            TransformerConfig config,
            TransformerConfig.StreamConfig stream,
            Names names,
            List<StreamBlock> blocks,
            Weights weights) {
        int width = stream.width();
        boolean caption = config.captionWidth() > 0;
        Weights captions = weights.under(names.prefix() + "caption_projection");
        this.config = config;
        this.stream = stream;
        this.type = weights.type();
        this.patchify = Linear.load(stream.inputChannels(), width, weights.under(names.prefix() + "patchify_proj"));
        this.modulation = TimestepModulation.load(
                width, config.modulationVectors(), weights.under(names.prefix() + "adaln_single"));
        this.crossModulation = TimestepModulation.load(width, CROSS_VECTORS, weights.under(names.cross()));
        this.crossGate = TimestepModulation.load(width, GATE_VECTORS, weights.under(names.gate()));
        this.promptModulation = config.textModulation() && config.promptHead()
                ? TimestepModulation.load(width, PROMPT_VECTORS, weights.under(names.prefix() + "prompt_adaln_single"))
                : null;
        this.captionFirst = caption ? Linear.load(config.captionWidth(), width, captions.under("linear_1")) : null;
        this.captionSecond = caption ? Linear.load(width, width, captions.under("linear_2")) : null;
        this.tables = StreamTables.of(blocks, config.textModulation(), weights);
        this.outputTable = weights.tensor(names.prefix() + "scale_shift_table", OUTPUT_ROWS, width);
        this.output = Linear.load(width, stream.outputChannels(), weights.under(names.prefix() + "proj_out"));
    }

    static Stream video(TransformerConfig config, List<TransformerBlock> blocks, Weights weights) {
        List<StreamBlock> own = blocks.stream().map(TransformerBlock::video).toList();
        return new Stream(config, config.video(), Names.VIDEO, own, weights);
    }

    static Stream audio(TransformerConfig config, List<TransformerBlock> blocks, Weights weights) {
        List<StreamBlock> own = blocks.stream().map(TransformerBlock::audio).toList();
        return new Stream(config, config.audio(), Names.AUDIO, own, weights);
    }

    /// The text context in the stream's width; does not depend on the step.
    ///
    /// @param context `[B, S, captionWidth or D]`
    /// @return `[B, S, D]`
    Tensor projectText(Tensor context) {
        int width = captionFirst == null ? stream.width() : config.captionWidth();
        context.requireShape("text context", Tensor.ANY, Tensor.ANY, width);
        return captionFirst == null
                ? context
                : captionSecond.forward(captionFirst.forward(context).geluTanh());
    }

    /// The rotary tables of tokens.
    ///
    /// @param positions float32 `[B, axes, T, 2]`
    Geometry geometry(Tensor positions) {
        List<Integer> maximum = stream.maximumPositions();
        positions.requireShape("positions", Tensor.ANY, maximum.size(), Tensor.ANY, 2);
        Tensor middle = Positions.middle(positions); // [B, axes, T]
        Tensor own = RotaryTable.parts(middle, maximum);
        Tensor time = RotaryTable.parts(middle.narrow(1, 0, 1), List.of(config.crossMaximumTime()));
        return new Geometry(
                RotaryTable.of(config.rotary(), own, stream.width(), config.heads(), type),
                RotaryTable.of(config.rotary(), time, config.crossWidth(), config.heads(), type));
    }

    /// @param latent `[B, T, C]`
    /// @return `[B, T, D]`
    Tensor enter(Tensor latent) {
        latent.requireShape("latent", Tensor.ANY, Tensor.ANY, stream.inputChannels());
        return patchify.forward(latent.to(type));
    }

    /// The modulation of the text in each block where no step changes it; empty for models without.
    List<ModulationRows> fixedPrompt() {
        return tables.prompt() == null ? List.of() : tables.prompt().alone();
    }

    /// What the noise levels mean for every block.
    ///
    /// @param other the other stream, or null without it
    StreamSteps steps(StreamInput input, StreamInput other, Trace trace) {
        Tensor timesteps = input.timesteps().times(config.timestepScale()); // [B, T or 1, 1]
        TimestepModulation.Modulation own = modulation.forward(timesteps, type);
        own.report("modulation", trace);
        List<ModulationRows> rows = tables.own().under(own.vectors());
        List<ModulationRows> prompt = List.of();
        if (promptModulation != null && input.enabled()) {
            Tensor vectors = reported(promptModulation, perSample(input.sigma()), "prompt", trace);
            prompt = tables.prompt().under(vectors);
        }
        List<ModulationRows> cross = List.of();
        List<ModulationRows> gate = List.of();
        if (other != null) {
            cross = tables.cross().under(reported(crossModulation, timesteps, "cross", trace));
            Tensor timestep = perSample(other.sigma()).times(config.gateTimestepFactor());
            gate = tables.gate().under(reported(crossGate, timestep, "gate", trace));
        }
        List<StreamStep> blocks = new ArrayList<>();
        for (int block = 0; block < rows.size(); block++) {
            blocks.add(new StreamStep(
                    rows.get(block),
                    other == null ? null : cross.get(block),
                    other == null ? null : gate.get(block),
                    input.geometry(),
                    input.text().mask(),
                    input.selfMask(),
                    input.enabled(),
                    Trace.NONE));
        }
        return new StreamSteps(blocks, prompt, own.embedded());
    }

    /// @param hidden   `[B, T, D]`
    /// @param embedded `[B, T or 1, D]`
    /// @return the velocity, `[B, T, C]`
    Tensor leave(Tensor hidden, Tensor embedded) {
        Tensor shift = embedded.plus(outputTable.select(0, OUTPUT_SHIFT));
        Tensor scale = embedded.plus(outputTable.select(0, OUTPUT_SCALE));
        return output.forward(shift.plusProduct(hidden.layerNorm(config.epsilon()), scale.plus(1)));
    }

    /// @param sigma `[B]`
    /// @return `[B, 1, 1]`
    private Tensor perSample(Tensor sigma) {
        return sigma.times(config.timestepScale()).view(-1, 1, 1);
    }

    private Tensor reported(TimestepModulation head, Tensor timesteps, String name, Trace trace) {
        TimestepModulation.Modulation modulation = head.forward(timesteps, type);
        modulation.report(name, trace);
        return modulation.vectors();
    }
}
