package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.Tensor;

/// One block by itself, with everything given that the network would compute for it: how the block is compared with
/// the
/// reference.
public final class GivenBlock {

    /// @param hidden          `[B, T, D]`
    /// @param context         `[B, S, D]`
    /// @param modulation      `[B, T or 1, n · D]`
    /// @param crossModulation `[B, T or 1, 4 · D]`
    /// @param crossGate       `[B, 1, D]`
    /// @param promptVectors   `[B, 1, 2 · D]`, or null
    public record Inputs(
            Tensor hidden,
            Tensor context,
            Tensor modulation,
            Tensor crossModulation,
            Tensor crossGate,
            Tensor promptVectors,
            RotaryTable rotation,
            RotaryTable crossRotation) {}

    private static final int KINDS = 4;

    private final TransformerBlock block;

    private GivenBlock(TransformerBlock block) {
        this.block = block;
    }

    public static GivenBlock load(TransformerConfig config, Weights weights) {
        return new GivenBlock(TransformerBlock.load(config, weights));
    }

    /// @param keep flags `[kind, sample]` in the order video self, audio self, audio to video, video to audio; null
    ///         for all 1
    public TransformerBlock.Output forward(Inputs video, Inputs audio, float[] keep) {
        var videoText = block.videoText(video.context(), vectors(video.promptVectors(), video));
        var audioText = block.audioText(audio.context(), vectors(audio.promptVectors(), audio));
        return block.forward(side(video, videoText), side(audio, audioText), perturbation(keep, video.hidden()));
    }

    private static TransformerBlock.Side side(Inputs inputs, io.zoetrope.engine.layer.Attention.KeyValue text) {
        return new TransformerBlock.Side(
                inputs.hidden(),
                vectors(inputs.modulation(), inputs),
                vectors(inputs.crossModulation(), inputs),
                vectors(inputs.crossGate(), inputs),
                text,
                null,
                inputs.rotation(),
                inputs.crossRotation(),
                null,
                true);
    }

    /// `[B, T, n · D]` to `[B, T, n, D]`.
    private static Tensor vectors(Tensor flat, Inputs inputs) {
        long width = inputs.hidden().size(2);
        return flat == null ? null : flat.view(flat.size(0), flat.size(1), flat.size(2) / width, width);
    }

    private static Perturbation.InBlock perturbation(float[] keep, Tensor hidden) {
        if (keep == null) {
            return Perturbation.InBlock.NONE;
        }
        int samples = keep.length / KINDS;
        Keep[] kinds = new Keep[KINDS];
        for (int kind = 0; kind < KINDS; kind++) {
            boolean[] kept = new boolean[samples];
            for (int sample = 0; sample < samples; sample++) {
                kept[sample] = keep[kind * samples + sample] != 0;
            }
            kinds[kind] = Keep.of(kept, hidden.type(), hidden.device());
        }
        return new Perturbation.InBlock(kinds[0], kinds[1], kinds[2], kinds[3]);
    }
}
