package io.zoetrope.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Option;

/// How strongly the prompt steers picture and sound, as options.
final class GuidanceOptions {

    @Option(names = "--video-cfg", paramLabel = "X", description = "Guidance away from the negative prompt; 1 is off.")
    private String videoCfg;

    @Option(names = "--audio-cfg", paramLabel = "X", description = "The same for the sound.")
    private String audioCfg;

    @Option(names = "--video-stg", paramLabel = "X", description = "Spatio-temporal guidance; 0 is off.")
    private String videoStg;

    @Option(names = "--audio-stg", paramLabel = "X", description = "The same for the sound.")
    private String audioStg;

    @Option(names = "--video-blocks", split = ",", paramLabel = "B", description = "Blocks perturbed by --video-stg.")
    private List<String> videoBlocks;

    @Option(names = "--audio-blocks", split = ",", paramLabel = "B", description = "Blocks perturbed by --audio-stg.")
    private List<String> audioBlocks;

    @Option(names = "--video-rescale", paramLabel = "X", description = "Rescaling of the guided picture, 0 to 1.")
    private String videoRescale;

    @Option(names = "--audio-rescale", paramLabel = "X", description = "The same for the sound.")
    private String audioRescale;

    @Option(names = "--video-modality", paramLabel = "X", description = "Guidance away from silent film; 1 is off.")
    private String videoModality;

    @Option(names = "--audio-modality", paramLabel = "X", description = "Guidance away from blind sound; 1 is off.")
    private String audioModality;

    @Option(names = "--video-skip-step", paramLabel = "N", description = "Steps that reuse the last guided picture.")
    private String videoSkipStep;

    @Option(names = "--audio-skip-step", paramLabel = "N", description = "Steps that reuse the last guided sound.")
    private String audioSkipStep;

    /// Writes what was given into `request`.
    void write(ObjectNode request) {
        ObjectNode video = request.objectNode();
        Written.number(video, "cfg", videoCfg);
        Written.number(video, "stg", videoStg);
        Written.numbers(video, "blocks", videoBlocks);
        Written.number(video, "rescale", videoRescale);
        Written.number(video, "modality", videoModality);
        Written.number(video, "skip_step", videoSkipStep);
        ObjectNode audio = request.objectNode();
        Written.number(audio, "cfg", audioCfg);
        Written.number(audio, "stg", audioStg);
        Written.numbers(audio, "blocks", audioBlocks);
        Written.number(audio, "rescale", audioRescale);
        Written.number(audio, "modality", audioModality);
        Written.number(audio, "skip_step", audioSkipStep);
        ObjectNode guidance = request.objectNode();
        if (!video.isEmpty()) {
            guidance.set("video", video);
        }
        if (!audio.isEmpty()) {
            guidance.set("audio", audio);
        }
        if (!guidance.isEmpty()) {
            request.set("guidance", guidance);
        }
    }
}
