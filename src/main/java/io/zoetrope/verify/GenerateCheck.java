package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.Clip;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.DenoisingListener;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.Ltx2;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.ModelShape;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A whole run of a whole model, from prompt and seed to frames and samples.
final class GenerateCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        JsonNode params = golden.params();
        ModelFiles files = ModelFiles.of(locations.resolve(params.get("model").asText()));
        DataType type = WholeRun.noise(params).type();
        try (TensorScope scope = TensorScope.open();
                Ltx2 model = Ltx2.load(files, golden.device(), type)) {
            Map<String, Tensor> results = new LinkedHashMap<>();
            Denoiser.Phase phase = Denoiser.Phase.ofNothing(
                    WholeRun.picture(params), settings(params, model.denoiser().shape()));
            Denoiser.Job job = WholeRun.job(params, List.of(phase), null, 0);
            TextContext positive =
                    model.textEncoder().encode(params.get("prompt").asText());
            TextContext negative = phase.settings().guidance().needsUnconditional()
                    ? model.textEncoder().encode(params.get("negative_prompt").asText())
                    : null;
            Latents latents = model.denoiser()
                    .denoise(job, positive, negative, DenoisingListener.NONE, tracing(results, job, model, scope));
            Clip clip = model.decoder()
                    .decode(latents, null, (name, tensor) -> results.put(name, scope.keep(tensor.copy())));
            if (latents.video() != null) {
                results.put("video_latent", scope.keep(latents.video()));
                results.put("video", scope.keep(clip.frames()));
            }
            results.put("audio_latent", scope.keep(latents.audio()));
            results.put("audio", scope.keep(clip.samples()));
            return results;
        }
    }

    private static DenoisingLoop.Settings settings(JsonNode params, ModelShape shape) {
        SigmaSchedule schedule = switch (params.get("schedule").asText()) {
            case "default" -> SigmaSchedule.Shifted.STOCK;
            case "tokens" ->
                SigmaSchedule.Shifted.forTokens(shape.video(
                                params.get("frames").asInt(),
                                params.get("height").asInt(),
                                params.get("width").asInt())
                        .tokens());
            case "distilled" -> SigmaSchedule.Fixed.DISTILLED;
            default -> throw new IllegalArgumentException("schedule " + params.get("schedule"));
        };
        return WholeRun.settings(params, schedule.sigmas(params.get("steps").asInt()), params.get("guidance"));
    }

    private static TraceListener tracing(Map<String, Tensor> results, Denoiser.Job job, Ltx2 model, TensorScope scope) {
        Denoiser.Picture picture = job.phases().getFirst().picture();
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
                if (tokens.video() != null) {
                    var video = model.denoiser().shape().video(picture.frames(), picture.height(), picture.width());
                    results.put(
                            name + ".video",
                            scope.keep(video.unpatchify(tokens.video()).copy()));
                }
                results.put(
                        name + ".audio",
                        scope.keep(audio.unpatchify(tokens.audio()).copy()));
            }
        };
    }
}
