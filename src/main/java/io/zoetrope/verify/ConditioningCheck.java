package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.DenoisingListener;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.conditioning.Conditioning;
import io.zoetrope.engine.conditioning.RegeneratedSpan;
import io.zoetrope.engine.conditioning.VideoGrid;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Whole runs in which something is given, from the given latents to the final ones.
final class ConditioningCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        JsonNode params = golden.params();
        ModelFiles files = ModelFiles.of(locations.resolve(params.get("model").asText()));
        try (TensorScope scope = TensorScope.open();
                Checkpoint checkpoint = files.openCheckpoint();
                Denoiser denoiser = Denoiser.load(checkpoint, golden.device(), DataType.FLOAT32);
                var contexts = NamedContexts.open(params, locations, golden.device())) {
            Map<String, Tensor> results = new LinkedHashMap<>();
            TextContext positive = contexts.positive();
            TextContext negative = contexts.negative();
            Latents latents = denoiser.denoise(
                    WholeRun.job(params, List.of(phase(golden, denoiser)), null, 0),
                    positive,
                    negative,
                    DenoisingListener.NONE,
                    new TokenTrace(results, scope, _ -> ""));
            results.put("video_latent", scope.keep(latents.video()));
            results.put("audio_latent", scope.keep(latents.audio()));
            return results;
        }
    }

    private static Denoiser.Phase phase(GoldenCase golden, Denoiser denoiser) {
        JsonNode params = golden.params();
        Denoiser.Picture picture = WholeRun.picture(params);
        var grid = new VideoGrid(
                denoiser.shape().video(picture.frames(), picture.height(), picture.width()),
                picture.fps(),
                denoiser.shape().scale());
        return new Denoiser.Phase(
                picture,
                WholeRun.settings(
                        params,
                        SigmaSchedule.Shifted.STOCK.sigmas(params.get("steps").asInt()),
                        params.get("guidance")),
                1,
                given(golden, grid));
    }

    private static Streams<Denoiser.Given> given(GoldenCase golden, VideoGrid grid) {
        JsonNode params = golden.params();
        if (params.has("region_seconds")) {
            List<Conditioning> span = List.of(new RegeneratedSpan(
                    params.get("region_seconds").get(0).asDouble(),
                    params.get("region_seconds").get(1).asDouble()));
            return new Streams<>(
                    new Denoiser.Given(golden.input("video_latent"), span, false),
                    new Denoiser.Given(golden.input("audio_latent"), span, false));
        }
        if (params.has("audio")) {
            return new Streams<>(
                    Denoiser.Given.NOTHING, new Denoiser.Given(golden.input("audio_latent"), List.of(), true));
        }
        return new Streams<>(
                new Denoiser.Given(
                        null, params.has("reference") ? reference(golden, grid) : images(golden, grid), false),
                Denoiser.Given.NOTHING);
    }

    private static List<Conditioning> reference(GoldenCase golden, VideoGrid grid) {
        JsonNode reference = golden.params().get("reference");
        return List.of(
                grid.replaced(golden.input("first_frame_latent"), 0, 1),
                grid.reference(
                        golden.input("reference_latent"),
                        reference.get("downscale_factor").asInt(),
                        reference.get("temporal_scale_factor").asInt(),
                        reference.get("strength").asDouble(),
                        reference.get("attention_strength").asDouble()));
    }

    private static List<Conditioning> images(GoldenCase golden, VideoGrid grid) {
        boolean allAppended = golden.params().path("mode").asText().startsWith("keyframe interpolation");
        List<Conditioning> conditions = new ArrayList<>();
        for (JsonNode image : golden.params().get("conditions")) {
            Tensor latent = golden.input(image.get("image").asText() + "_latent");
            int frame = image.get("frame").asInt();
            double strength = image.get("strength").asDouble();
            conditions.add(
                    frame == 0 && !allAppended
                            ? grid.replaced(latent, 0, strength)
                            : grid.keyframe(latent, frame, true, strength));
        }
        return conditions;
    }
}
