package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.tensor.Tensor;

/// One block: each stream attends to itself and its text, the two attend to each other, each passes its
/// feed-forward.
///
///     video ─ self ─ text ─┬──────(+)─ feed-forward ─
///                          │╲    ╱
///                          │ cross
///                          │╱    ╲
///     audio ─ self ─ text ─┴──────(+)─ feed-forward ─
///
/// Source: docs/model/transformer.md, section 7.
final class TransformerBlock {

    /// What one stream brings to a block.
    ///
    /// @param hidden `[B, T, D]`
    /// @param text   keys and values of the text in this block; may be null where the stream is not enabled
    record Side(Tensor hidden, StreamStep step, Attention.KeyValue text) {}

    /// The streams after a block, `[B, T, D]` each; null for an absent one.
    record Output(Tensor video, Tensor audio) {}

    private final StreamBlock video;
    private final StreamBlock audio;
    private final Meeting meeting;

    private TransformerBlock(StreamBlock video, StreamBlock audio, Meeting meeting) {
        this.video = video;
        this.audio = audio;
        this.meeting = meeting;
    }

    static TransformerBlock load(TransformerConfig config, Weights weights) {
        return new TransformerBlock(
                StreamBlock.video(config, weights), StreamBlock.audio(config, weights), Meeting.load(config, weights));
    }

    /// The picture's own part.
    StreamBlock video() {
        return video;
    }

    /// The sound's own part.
    StreamBlock audio() {
        return audio;
    }

    /// @param videoSide null if there is no picture
    /// @param audioSide null if there is no sound
    Output forward(Side videoSide, Side audioSide, Perturbation.InBlock perturbation) {
        Tensor videoAlone = alone(video, videoSide, perturbation.videoSelf());
        Tensor audioAlone = alone(audio, audioSide, perturbation.audioSelf());
        Output met = videoSide == null || audioSide == null
                ? new Output(videoAlone, audioAlone)
                : meeting.forward(videoAlone, audioAlone, videoSide.step(), audioSide.step(), perturbation);
        return new Output(
                changes(videoSide) ? video.feedForward(met.video(), videoSide.step()) : met.video(),
                changes(audioSide) ? audio.feedForward(met.audio(), audioSide.step()) : met.audio());
    }

    private static Tensor alone(StreamBlock block, Side side, Keep keep) {
        if (!changes(side)) {
            return side == null ? null : side.hidden();
        }
        Tensor hidden = block.attendToSelf(side.hidden(), side.step(), keep);
        return block.attendToText(hidden, side.text(), side.step());
    }

    private static boolean changes(Side side) {
        return side != null && side.step().enabled();
    }
}
