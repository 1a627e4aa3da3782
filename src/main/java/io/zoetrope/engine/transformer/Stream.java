package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.latent.Positions;
import io.zoetrope.engine.layer.Linear;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// What a stream, picture or sound, does before and after the blocks: tokens into the stream's width, noise levels
/// into
/// modulation, the last hidden state into a velocity.
final class Stream {

    private static final int CROSS_VECTORS = 4;
    private static final int GATE_VECTORS = 1;
    private static final int PROMPT_VECTORS = 2;
    private static final int OUTPUT_ROWS = 2;

    private final TransformerConfig config;
    private final TransformerConfig.StreamConfig stream;
    private final Linear patchify;
    private final TimestepModulation modulation;
    private final TimestepModulation crossModulation;
    private final TimestepModulation crossGate;
    private final TimestepModulation promptModulation; // or null
    private final Linear captionFirst; // or null
    private final Linear captionSecond; // or null
    private final Tensor outputTable; // [2, D]
    private final Linear output;

    private Stream(
            TransformerConfig config,
            TransformerConfig.StreamConfig stream,
            Linear patchify,
            TimestepModulation modulation,
            TimestepModulation crossModulation,
            TimestepModulation crossGate,
            TimestepModulation promptModulation,
            Linear captionFirst,
            Linear captionSecond,
            Tensor outputTable,
            Linear output) {
        this.config = config;
        this.stream = stream;
        this.patchify = patchify;
        this.modulation = modulation;
        this.crossModulation = crossModulation;
        this.crossGate = crossGate;
        this.promptModulation = promptModulation;
        this.captionFirst = captionFirst;
        this.captionSecond = captionSecond;
        this.outputTable = outputTable;
        this.output = output;
    }

    static Stream video(TransformerConfig config, Weights weights) {
        return load(config, config.video(), "", "av_ca_video", "av_ca_a2v", weights);
    }

    static Stream audio(TransformerConfig config, Weights weights) {
        return load(config, config.audio(), "audio_", "av_ca_audio", "av_ca_v2a", weights);
    }

    /// @param names     prefix of the stream's keys
    /// @param crossName of the heads for the meeting with the other stream
    /// @param gateName  of the gate on what flows in
    private static Stream load(
            TransformerConfig config,
            TransformerConfig.StreamConfig stream,
            String names,
            String crossName,
            String gateName,
            Weights weights) {
        int width = stream.width();
        boolean prompt = config.textModulation() && config.promptHead();
        boolean caption = config.captionWidth() > 0;
        Weights captions = weights.under(names + "caption_projection");
        return new Stream(
                config,
                stream,
                Linear.load(stream.inputChannels(), width, weights.under(names + "patchify_proj")),
                TimestepModulation.load(width, config.modulationVectors(), weights.under(names + "adaln_single")),
                TimestepModulation.load(width, CROSS_VECTORS, weights.under(crossName + "_scale_shift_adaln_single")),
                TimestepModulation.load(width, GATE_VECTORS, weights.under(gateName + "_gate_adaln_single")),
                prompt
                        ? TimestepModulation.load(width, PROMPT_VECTORS, weights.under(names + "prompt_adaln_single"))
                        : null,
                caption ? Linear.load(config.captionWidth(), width, captions.under("linear_1")) : null,
                caption ? Linear.load(width, width, captions.under("linear_2")) : null,
                weights.tensor(names + "scale_shift_table", OUTPUT_ROWS, width),
                Linear.load(width, stream.outputChannels(), weights.under(names + "proj_out")));
    }

    /// The text context in the stream's width; does not depend on the step.
    ///
    /// @param context `[B, S, captionWidth or D]`
    /// @return `[B, S, D]`
    Tensor projectText(Tensor context) {
        return captionFirst == null
                ? context
                : captionSecond.forward(captionFirst.forward(context).geluTanh());
    }

    /// The rotary tables of tokens at `positions` `[B, axes, T, 2]`.
    ///
    /// @param crossWidth   of the attention between the streams
    /// @param crossMaximum greatest time that divides the positions there, seconds
    Geometry geometry(Tensor positions, int crossWidth, int crossMaximum, DataType elementType) {
        Tensor middle = Positions.middle(positions); // [B, axes, T]
        Tensor[] axes = new Tensor[stream.maximumPositions().size()];
        for (int axis = 0; axis < axes.length; axis++) {
            axes[axis] = middle.narrow(1, axis, 1)
                    .dividedBy(stream.maximumPositions().get(axis));
        }
        Tensor time = middle.narrow(1, 0, 1).dividedBy(crossMaximum);
        return new Geometry(
                RotaryTable.of(
                        config.rotary(), Tensor.concatenate(1, axes), stream.width(), config.heads(), elementType),
                RotaryTable.of(config.rotary(), time, crossWidth, config.heads(), elementType));
    }

    /// @param latent `[B, T, C]`
    /// @return `[B, T, D]`
    Tensor enter(Tensor latent) {
        return patchify.forward(latent);
    }

    TimestepModulation.Modulation modulation(Tensor timesteps, DataType elementType) {
        return modulation.forward(timesteps.times(config.timestepScale()), elementType);
    }

    Tensor crossModulation(Tensor timesteps, DataType elementType) {
        return crossModulation
                .forward(timesteps.times(config.timestepScale()), elementType)
                .vectors();
    }

    /// @param otherSigma noise level of the other stream, `[B]`
    Tensor crossGate(Tensor otherSigma, DataType elementType) {
        return crossGate
                .forward(otherSigma.times(config.crossTimestepScale()).view(-1, 1, 1), elementType)
                .vectors();
    }

    /// @return `[B, 1, 2, D]`, or null for models without prompt heads
    Tensor promptVectors(Tensor sigma, DataType elementType) {
        return promptModulation == null
                ? null
                : promptModulation
                        .forward(sigma.times(config.timestepScale()).view(-1, 1, 1), elementType)
                        .vectors();
    }

    /// @param hidden   `[B, T, D]`
    /// @param embedded `[B, T or 1, D]`
    /// @return the velocity, `[B, T, C]`
    Tensor leave(Tensor hidden, Tensor embedded) {
        Tensor shift = embedded.plus(outputTable.select(0, 0));
        Tensor scale = embedded.plus(outputTable.select(0, 1));
        return output.forward(StreamBlock.modulate(hidden.layerNorm(config.epsilon()), scale, shift));
    }
}
