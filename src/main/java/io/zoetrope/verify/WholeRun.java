package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.Guidance;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Sampler;
import io.zoetrope.engine.sampling.StreamGuidance;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;

/// The parameters of cases that run a whole model, in the engine's words.
final class WholeRun {

    private WholeRun() {}

    static Denoiser.Job job(
            JsonNode params, List<Denoiser.Phase> phases, UnaryOperator<Tensor> upsampler, int audioFrom) {
        return new Denoiser.Job(
                params.get("frames").asInt(),
                params.get("fps").asDouble(),
                params.get("seed").asLong(),
                noise(params),
                phases,
                upsampler,
                audioFrom);
    }

    /// Of the final clip; null for sound alone.
    static Denoiser.Picture picture(JsonNode params) {
        return params.has("width")
                ? new Denoiser.Picture(
                        params.get("frames").asInt(),
                        params.get("height").asInt(),
                        params.get("width").asInt(),
                        params.get("fps").asDouble())
                : null;
    }

    static Noise noise(JsonNode params) {
        JsonNode noise = params.path("noise");
        return new Noise(
                Noise.Layout.valueOf(noise.path("layout").asText("tokens").toUpperCase(Locale.ROOT)),
                DataType.valueOf(noise.path("dtype").asText("float32").toUpperCase(Locale.ROOT)));
    }

    static DenoisingLoop.Settings settings(JsonNode params, float[] sigmas, JsonNode guidance) {
        if (params.path("ancestral").isObject()) {
            throw new IllegalArgumentException("ancestral phases are not known to this build");
        }
        return new DenoisingLoop.Settings(
                sigmas, new Sampler.Euler(), guidance(guidance), GuidanceRules.Spread.PER_CLIP);
    }

    private static Guidance guidance(JsonNode both) {
        return new Guidance(stream(both.path("video")), stream(both.path("audio")));
    }

    private static StreamGuidance stream(JsonNode values) {
        Set<Integer> blocks = new HashSet<>();
        values.path("blocks").forEach(block -> blocks.add(block.asInt()));
        return new StreamGuidance(
                values.path("cfg").asDouble(1),
                values.path("stg").asDouble(0),
                blocks,
                values.path("modality").asDouble(1),
                values.path("rescale").asDouble(0),
                values.path("skip_step").asInt(0));
    }
}
