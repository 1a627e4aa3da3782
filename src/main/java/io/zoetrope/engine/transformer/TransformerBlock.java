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
    private final Crossing audioToVideo;
    private final Crossing videoToAudio;

    private TransformerBlock(StreamBlock video, StreamBlock audio, Crossing audioToVideo, Crossing videoToAudio) {
        this.video = video;
        this.audio = audio;
        this.audioToVideo = audioToVideo;
        this.videoToAudio = videoToAudio;
    }

    static TransformerBlock load(TransformerConfig config, Weights weights) {
        Tensor videoTable = weights.tensor(
                "scale_shift_table_a2v_ca_video",
                Crossing.TABLE_ROWS,
                config.video().width());
        Tensor audioTable = weights.tensor(
                "scale_shift_table_a2v_ca_audio",
                Crossing.TABLE_ROWS,
                config.audio().width());
        return new TransformerBlock(
                StreamBlock.load(config, config.video(), "", weights),
                StreamBlock.load(config, config.audio(), "audio_", weights),
                Crossing.load(
                        config,
                        Crossing.Direction.AUDIO_TO_VIDEO,
                        videoTable,
                        audioTable,
                        weights.under("audio_to_video_attn")),
                Crossing.load(
                        config,
                        Crossing.Direction.VIDEO_TO_AUDIO,
                        audioTable,
                        videoTable,
                        weights.under("video_to_audio_attn")));
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
        ModulationRows videoModulation = modulation(video, videoSide);
        ModulationRows audioModulation = modulation(audio, audioSide);
        Tensor videoAlone = alone(video, videoSide, videoModulation, perturbation.videoSelf());
        Tensor audioAlone = alone(audio, audioSide, audioModulation, perturbation.audioSelf());
        // Both directions read the streams as they are before the meeting.
        Tensor videoMet = meet(audioToVideo, videoSide, videoAlone, audioSide, audioAlone, perturbation.audioToVideo());
        Tensor audioMet = meet(videoToAudio, audioSide, audioAlone, videoSide, videoAlone, perturbation.videoToAudio());
        return new Output(
                changes(videoSide) ? video.feedForward(videoMet, videoModulation, videoSide.step()) : videoMet,
                changes(audioSide) ? audio.feedForward(audioMet, audioModulation, audioSide.step()) : audioMet);
    }

    private static ModulationRows modulation(StreamBlock block, Side side) {
        return changes(side) ? block.modulation(side.step().modulation()) : null;
    }

    private static Tensor alone(StreamBlock block, Side side, ModulationRows modulation, Keep keep) {
        if (!changes(side)) {
            return side == null ? null : side.hidden();
        }
        Tensor hidden = block.attendToSelf(side.hidden(), modulation, side.step(), keep);
        return block.attendToText(hidden, modulation, side.text(), side.step());
    }

    private static Tensor meet(
            Crossing crossing, Side targetSide, Tensor target, Side sourceSide, Tensor source, Keep keep) {
        return changes(targetSide) && sourceSide != null
                ? crossing.forward(target, source, targetSide.step(), sourceSide.step(), keep)
                : target;
    }

    private static boolean changes(Side side) {
        return side != null && side.step().enabled();
    }
}
