package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.Tensor;

/// One block: each stream attends to itself and its text, the two attend to each other, each passes its
/// feed-forward.
///
/// Source: docs/model/transformer.md, section 7.
public final class TransformerBlock {

    /// What one stream brings to a block.
    ///
    /// @param hidden          `[B, T, D]`
    /// @param modulation      the timestep's vectors, `[B, T or 1, n, D]`
    /// @param crossModulation those for the meeting of the streams, `[B, T or 1, 4, D]`; null without the other
    ///         stream
    /// @param crossGate       the gate of what flows in, from the other stream's noise level, `[B, 1, 1, D]`;
    ///         likewise
    /// @param text            keys and values of the text in this block
    /// @param textMask        additive, or null
    /// @param rotation        of the tokens among themselves
    /// @param crossRotation   of the tokens towards the other stream
    /// @param selfMask        additive, `[B, 1, T, T]`, or null
    /// @param enabled         whether the block changes this stream; if not, the other one still reads it
    public record Side(
            Tensor hidden,
            Tensor modulation,
            Tensor crossModulation,
            Tensor crossGate,
            Attention.KeyValue text,
            Tensor textMask,
            RotaryTable rotation,
            RotaryTable crossRotation,
            Tensor selfMask,
            boolean enabled) {}

    /// The streams after a block, `[B, T, D]` each; null for an absent one.
    public record Output(Tensor video, Tensor audio) {}

    private static final int CROSS_ROWS = 5;
    private static final int CROSS_GATE = 4;

    private final StreamBlock video;
    private final StreamBlock audio;
    private final Crossing audioToVideo;
    private final Crossing videoToAudio;
    private final Tensor videoCrossTable; // [5, D video]: scale, shift for a2v; scale, shift for v2a; gate
    private final Tensor audioCrossTable; // [5, D audio]

    private TransformerBlock(
            StreamBlock video,
            StreamBlock audio,
            Crossing audioToVideo,
            Crossing videoToAudio,
            Tensor videoCrossTable,
            Tensor audioCrossTable) {
        this.video = video;
        this.audio = audio;
        this.audioToVideo = audioToVideo;
        this.videoToAudio = videoToAudio;
        this.videoCrossTable = videoCrossTable;
        this.audioCrossTable = audioCrossTable;
    }

    public static TransformerBlock load(TransformerConfig config, Weights weights) {
        int videoWidth = config.video().width();
        int audioWidth = config.audio().width();
        return new TransformerBlock(
                StreamBlock.load(config, config.video(), "", weights),
                StreamBlock.load(config, config.audio(), "audio_", weights),
                Crossing.load(config, videoWidth, audioWidth, weights.under("audio_to_video_attn")),
                Crossing.load(config, audioWidth, videoWidth, weights.under("video_to_audio_attn")),
                weights.tensor("scale_shift_table_a2v_ca_video", CROSS_ROWS, videoWidth),
                weights.tensor("scale_shift_table_a2v_ca_audio", CROSS_ROWS, audioWidth));
    }

    /// Keys and values of the picture's text.
    public Attention.KeyValue videoText(Tensor context, Tensor promptVectors) {
        return video.textKeyValue(context, promptVectors);
    }

    /// Keys and values of the sound's text.
    public Attention.KeyValue audioText(Tensor context, Tensor promptVectors) {
        return audio.textKeyValue(context, promptVectors);
    }

    /// @param videoSide null if there is no picture
    /// @param audioSide null if there is no sound
    Output forward(Side videoSide, Side audioSide, Perturbation.InBlock perturbation) {
        Tensor videoModulation = videoSide == null ? null : video.modulation(videoSide.modulation());
        Tensor audioModulation = audioSide == null ? null : audio.modulation(audioSide.modulation());
        Tensor videoHidden = alone(video, videoSide, videoModulation, perturbation.videoSelf());
        Tensor audioHidden = alone(audio, audioSide, audioModulation, perturbation.audioSelf());
        if (videoSide != null && audioSide != null) {
            Tensor videoBefore = videoHidden; // both directions read the streams as they are before the meeting
            Tensor audioBefore = audioHidden;
            if (videoSide.enabled()) {
                videoHidden = meet(
                        audioToVideo,
                        0,
                        videoBefore,
                        audioBefore,
                        videoSide,
                        audioSide,
                        videoCrossTable,
                        audioCrossTable,
                        perturbation.audioToVideo());
            }
            if (audioSide.enabled()) {
                audioHidden = meet(
                        videoToAudio,
                        2,
                        audioBefore,
                        videoBefore,
                        audioSide,
                        videoSide,
                        audioCrossTable,
                        videoCrossTable,
                        perturbation.videoToAudio());
            }
        }
        if (videoSide != null && videoSide.enabled()) {
            videoHidden = video.feedForward(videoHidden, videoModulation);
        }
        if (audioSide != null && audioSide.enabled()) {
            audioHidden = audio.feedForward(audioHidden, audioModulation);
        }
        return new Output(videoHidden, audioHidden);
    }

    private static Tensor alone(StreamBlock block, Side side, Tensor modulation, Keep keep) {
        if (side == null || !side.enabled()) {
            return side == null ? null : side.hidden();
        }
        Tensor hidden = block.attendToSelf(side.hidden(), modulation, side.rotation(), side.selfMask(), keep);
        return block.attendToText(hidden, modulation, side.text(), side.textMask());
    }

    /// What flows from `source` into `target`. Rows `firstRow` and the next one of both tables hold scale and
    /// shift, in
    /// this order.
    private static Tensor meet(
            Crossing crossing,
            int firstRow,
            Tensor target,
            Tensor source,
            Side targetSide,
            Side sourceSide,
            Tensor targetTable,
            Tensor sourceTable,
            Keep keep) {
        if (keep instanceof Keep.None) {
            return target;
        }
        Tensor asked = crossing.modulate(target, targetSide.crossModulation(), targetTable, firstRow);
        Tensor read = crossing.modulate(source, sourceSide.crossModulation(), sourceTable, firstRow);
        Tensor attended =
                crossing.attention().forward(asked, read, targetSide.crossRotation(), sourceSide.crossRotation());
        Tensor gate = targetSide.crossGate().select(2, 0).plus(targetTable.select(0, CROSS_GATE)); // [B, 1, D]
        if (keep instanceof Keep.Some(Tensor flags)) {
            gate = gate.times(flags);
        }
        return target.plusProduct(gate, attended);
    }

    /// Attention from one stream to the other.
    private record Crossing(Attention attention, double epsilon) {

        static Crossing load(TransformerConfig config, int queryWidth, int contextWidth, Weights weights) {
            return new Crossing(
                    Attention.load(
                            new Attention.Config(
                                    queryWidth,
                                    contextWidth,
                                    config.heads(),
                                    config.audio().headWidth(),
                                    config.gatedAttention(),
                                    config.epsilon()),
                            weights),
                    config.epsilon());
        }

        Tensor modulate(Tensor hidden, Tensor vectors, Tensor table, int firstRow) {
            Tensor scale = vectors.select(2, firstRow).plus(table.select(0, firstRow));
            Tensor shift = vectors.select(2, firstRow + 1).plus(table.select(0, firstRow + 1));
            return StreamBlock.modulate(hidden.rmsNorm(null, epsilon), scale, shift);
        }
    }
}
