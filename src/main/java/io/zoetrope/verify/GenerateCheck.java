package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.Clip;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.Ltx2;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.ModelShape;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.Guidance;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Sampler;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.StepListener;
import io.zoetrope.engine.sampling.StreamGuidance;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// A whole run of a whole model, from prompt and seed to frames and samples.
final class GenerateCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        JsonNode params = golden.params();
        if (!params.has("noise") || !params.has("width")) {
            throw new IllegalArgumentException("runs of sound alone are not known to this build");
        }
        ModelFiles files = ModelFiles.of(locations.resolve(params.get("model").asText()));
        DataType type =
                DataType.valueOf(params.get("noise").get("dtype").asText().toUpperCase(Locale.ROOT));
        try (TensorScope scope = TensorScope.open();
                Ltx2 model = Ltx2.load(files, golden.device(), type)) {
            Map<String, Tensor> results = new LinkedHashMap<>();
            Denoiser.Job job = job(params, model.denoiser().shape(), type);
            TextContext positive =
                    model.textEncoder().encode(params.get("prompt").asText());
            TextContext negative = job.settings().guidance().needsUnconditional()
                    ? model.textEncoder().encode(params.get("negative_prompt").asText())
                    : null;
            Latents latents = model.denoiser()
                    .denoise(job, positive, negative, StepListener.NONE, tracing(results, job, model, scope));
            Clip clip = model.decoder()
                    .decode(latents, null, (name, tensor) -> results.put(name, scope.keep(tensor.copy())));
            results.put("video_latent", scope.keep(latents.video()));
            results.put("audio_latent", scope.keep(latents.audio()));
            results.put("video", scope.keep(clip.frames()));
            results.put("audio", scope.keep(clip.samples()));
            return results;
        }
    }

    private static Denoiser.Job job(JsonNode params, ModelShape shape, DataType type) {
        int frames = params.get("frames").asInt();
        int height = params.get("height").asInt();
        int width = params.get("width").asInt();
        int steps = params.get("steps").asInt();
        SigmaSchedule schedule = switch (params.get("schedule").asText()) {
            case "default" -> SigmaSchedule.Shifted.STOCK;
            case "tokens" ->
                SigmaSchedule.Shifted.forTokens(
                        shape.video(frames, height, width).tokens());
            case "distilled" -> SigmaSchedule.Fixed.DISTILLED;
            default -> throw new IllegalArgumentException("schedule " + params.get("schedule"));
        };
        return new Denoiser.Job(
                frames,
                height,
                width,
                params.get("fps").asDouble(),
                params.get("seed").asLong(),
                new Noise(
                        Noise.Layout.valueOf(
                                params.get("noise").get("layout").asText().toUpperCase(Locale.ROOT)),
                        type),
                new DenoisingLoop.Settings(
                        schedule.sigmas(steps),
                        new Sampler.Euler(),
                        guidance(params.get("guidance")),
                        GuidanceRules.Spread.PER_CLIP));
    }

    private static Guidance guidance(JsonNode both) {
        return both.isNull() ? Guidance.NONE : new Guidance(stream(both.get("video")), stream(both.get("audio")));
    }

    private static StreamGuidance stream(JsonNode values) {
        Set<Integer> blocks = new HashSet<>();
        values.get("blocks").forEach(block -> blocks.add(block.asInt()));
        return new StreamGuidance(
                values.get("cfg").asDouble(),
                values.get("stg").asDouble(),
                blocks,
                values.get("modality").asDouble(),
                values.get("rescale").asDouble(),
                values.path("skip_step").asInt(0));
    }

    private static TraceListener tracing(Map<String, Tensor> results, Denoiser.Job job, Ltx2 model, TensorScope scope) {
        var video = model.denoiser().shape().video(job.frames(), job.height(), job.width());
        var audio = model.denoiser().shape().audio(job.frames(), job.fps());
        return new TraceListener() {
            @Override
            public void predicted(int step, String name, Streams<Tensor> clean) {
                if (step == 0) {
                    put("x0_step00." + name, clean);
                }
            }

            @Override
            public void stepped(int step, Streams<Tensor> latents) {
                put("step.%02d".formatted(step), latents);
            }

            private void put(String name, Streams<Tensor> tokens) {
                results.put(
                        name + ".video",
                        scope.keep(video.unpatchify(tokens.video()).copy()));
                results.put(
                        name + ".audio",
                        scope.keep(audio.unpatchify(tokens.audio()).copy()));
            }
        };
    }
}
