package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// One block by itself, with everything given that the network would compute for it: how the block is compared
/// with the reference.
public final class GivenBlock {

    /// What the network would hand to the block for one stream.
    ///
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
            Geometry geometry) {

        /// `[B, T, n · D]` to `[B, T, n, D]`.
        private Tensor rows(Tensor flat) {
            long width = hidden.size(2);
            return flat == null ? null : flat.view(flat.size(0), flat.size(1), flat.size(2) / width, width);
        }
    }

    /// The streams after the block, `[B, T, D]` each.
    public record Outputs(Tensor video, Tensor audio) {}

    private static final int KINDS = 4;

    private final TransformerBlock block;
    private final StreamTables videoTables;
    private final StreamTables audioTables;

    private GivenBlock(TransformerConfig config, Weights weights) {
        this.block = TransformerBlock.load(config, weights);
        this.videoTables = StreamTables.of(List.of(block.video()), config.textModulation(), weights);
        this.audioTables = StreamTables.of(List.of(block.audio()), config.textModulation(), weights);
    }

    public static GivenBlock load(TransformerConfig config, Weights weights) {
        return new GivenBlock(config, weights);
    }

    /// @param keep  flags `[kind, sample]` in the order video self, audio self, audio to video, video to audio;
    ///              null for all 1
    /// @param trace sees `video.self.in`, `video.self.out`, `video.text.in`, …, `audio.feed_forward.out`
    public Outputs forward(Inputs video, Inputs audio, float[] keep, Trace trace) {
        TransformerBlock.Output output = block.forward(
                side(video, block.video(), videoTables, trace.under("video.")),
                side(audio, block.audio(), audioTables, trace.under("audio.")),
                perturbation(keep, video.hidden()));
        return new Outputs(output.video(), output.audio());
    }

    private static TransformerBlock.Side side(Inputs inputs, StreamBlock stream, StreamTables tables, Trace trace) {
        StreamStep step = new StreamStep(
                rows(tables.own(), inputs.rows(inputs.modulation())),
                rows(tables.cross(), inputs.rows(inputs.crossModulation())),
                rows(tables.gate(), inputs.rows(inputs.crossGate())),
                inputs.geometry(),
                null,
                null,
                true,
                trace);
        ModulationRows prompt = rows(tables.prompt(), inputs.rows(inputs.promptVectors()));
        return new TransformerBlock.Side(inputs.hidden(), step, stream.textKeyValue(inputs.context(), prompt));
    }

    /// @param table   null for models without such modulation
    /// @param vectors null where the timestep adds nothing
    private static ModulationRows rows(ModulationTable table, Tensor vectors) {
        if (table == null) {
            return null;
        }
        return (vectors == null ? table.alone() : table.under(vectors)).getFirst();
    }

    private static Perturbation.InBlock perturbation(float[] keep, Tensor hidden) {
        if (keep == null) {
            return Perturbation.InBlock.NONE;
        }
        int samples = keep.length / KINDS;
        List<Keep> kinds = new ArrayList<>();
        for (int kind = 0; kind < KINDS; kind++) {
            List<Boolean> kept = new ArrayList<>();
            for (int sample = 0; sample < samples; sample++) {
                kept.add(keep[kind * samples + sample] != 0);
            }
            kinds.add(Keep.of(kept, hidden.type(), hidden.device()));
        }
        return new Perturbation.InBlock(kinds.get(0), kinds.get(1), kinds.get(2), kinds.get(3));
    }
}
