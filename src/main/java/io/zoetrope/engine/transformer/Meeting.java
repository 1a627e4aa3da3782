package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.transformer.TransformerBlock.Output;

/// Where the two streams of a block attend to each other. Both directions read the streams as they are before.
final class Meeting {

    private final double epsilon;
    private final Crossing audioToVideo;
    private final Crossing videoToAudio;

    private Meeting(double epsilon, Crossing audioToVideo, Crossing videoToAudio) {
        this.epsilon = epsilon;
        this.audioToVideo = audioToVideo;
        this.videoToAudio = videoToAudio;
    }

    static Meeting load(TransformerConfig config, Weights weights) {
        return new Meeting(
                config.epsilon(),
                Crossing.load(config, Crossing.Direction.AUDIO_TO_VIDEO, weights.under("audio_to_video_attn")),
                Crossing.load(config, Crossing.Direction.VIDEO_TO_AUDIO, weights.under("video_to_audio_attn")));
    }

    /// The streams with what flows in, of those that are to change.
    ///
    /// @param video `[B, T, D]`
    /// @param audio `[B, S, D]`
    Output forward(
            Tensor video, Tensor audio, StreamStep videoStep, StreamStep audioStep, Perturbation.InBlock perturbation) {
        boolean toVideo = videoStep.enabled() && !(perturbation.audioToVideo() instanceof Keep.None);
        boolean toAudio = audioStep.enabled() && !(perturbation.videoToAudio() instanceof Keep.None);
        if (!toVideo && !toAudio) {
            return new Output(video, audio);
        }
        try (TensorScope scope = TensorScope.open()) {
            Crossing.Side videoSide = new Crossing.Side(video.rmsNorm(null, epsilon), videoStep);
            Crossing.Side audioSide = new Crossing.Side(audio.rmsNorm(null, epsilon), audioStep);
            return new Output(
                    toVideo
                            ? scope.keep(audioToVideo.forward(video, videoSide, audioSide, perturbation.audioToVideo()))
                            : video,
                    toAudio
                            ? scope.keep(videoToAudio.forward(audio, audioSide, videoSide, perturbation.videoToAudio()))
                            : audio);
        }
    }
}
