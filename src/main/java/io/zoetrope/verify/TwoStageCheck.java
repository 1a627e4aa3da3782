package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.DenoisingListener;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.lora.FusionRule;
import io.zoetrope.engine.lora.Lora;
import io.zoetrope.engine.lora.LoraStrength;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.upsampler.LatentUpsampler;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Runs of two phases: half size, enlarged, refined.
final class TwoStageCheck implements GoldenCheck {

    /// The reference rounds layers with LoRAs to bfloat16 in a float32 model too.
    private static final Denoiser.WeightOptions AS_REFERENCE =
            new Denoiser.WeightOptions(WeightStorage.COMPUTE_TYPE, FusionRule.BFLOAT16, 0);

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        JsonNode params = golden.params();
        ModelFiles files = ModelFiles.of(locations.resolve(params.get("model").asText()));
        var upsamplerFile = locations.resolve(params.get("upsampler").asText());
        try (TensorScope scope = TensorScope.open();
                Checkpoint checkpoint = files.openCheckpoint();
                Denoiser denoiser = Denoiser.load(checkpoint, golden.device(), DataType.FLOAT32, AS_REFERENCE);
                Lora lora = params.hasNonNull("lora")
                        ? Lora.open(locations.resolve(params.get("lora").asText()))
                        : null;
                var upsampler = LatentUpsampler.open(upsamplerFile, checkpoint, golden.device(), DataType.FLOAT32);
                var contexts = NamedContexts.open(params, locations, golden.device())) {
            Map<String, Tensor> results = new LinkedHashMap<>();
            UnaryOperator<Tensor> enlarge = latent -> {
                Tensor enlarged = upsampler.upsample(latent);
                results.put("upsampled", scope.keep(enlarged.copy()));
                return enlarged;
            };
            Latents latents = denoiser.denoise(
                    WholeRun.job(params, phases(params, loras(params, lora)), enlarge, guided(params) ? 0 : 1),
                    contexts.positive(),
                    contexts.negative(),
                    DenoisingListener.NONE,
                    new TokenTrace(results, scope, phase -> "stage%d.".formatted(phase + 1)));
            results.put("audio_latent", scope.keep(latents.audio()));
            return results;
        }
    }

    private static List<Denoiser.Phase> phases(JsonNode params, List<LoraStrength> loras) {
        Denoiser.Picture whole = WholeRun.picture(params);
        var half = new Denoiser.Picture(whole.frames(), whole.height() / 2, whole.width() / 2, whole.fps());
        SigmaSchedule schedule = guided(params) ? SigmaSchedule.Shifted.STOCK : SigmaSchedule.Fixed.DISTILLED;
        SigmaSchedule refinement = SigmaSchedule.Fixed.DISTILLED_SECOND_STAGE;
        float[] refining = refinement.sigmas(3);
        return List.of(
                Denoiser.Phase.ofNothing(
                        half,
                        WholeRun.settings(
                                params, schedule.sigmas(params.get("steps").asInt()), params.get("guidance"))),
                new Denoiser.Phase(
                        whole,
                        WholeRun.settings(params, refining, params.path("no guidance")),
                        refining[0],
                        new Streams<>(Denoiser.Given.NOTHING, Denoiser.Given.NOTHING),
                        loras));
    }

    /// Of the refining phase.
    private static List<LoraStrength> loras(JsonNode params, Lora lora) {
        return lora == null
                ? List.of()
                : List.of(new LoraStrength(lora, params.get("lora_strength").asDouble()));
    }

    private static boolean guided(JsonNode params) {
        return params.get("guidance").isObject();
    }
}
