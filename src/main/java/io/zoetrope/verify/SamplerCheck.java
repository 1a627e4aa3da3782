package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.sampling.Denoise;
import io.zoetrope.engine.sampling.Sampler;
import io.zoetrope.engine.sampling.StepMemory;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;

/// The samplers, on a denoiser that is a formula: `tanh(x M) (1 - sigma / 2) + sigma / 4`.
final class SamplerCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        try (TensorArena arena = new TensorArena()) {
            var weights = golden.weights(DataType.FLOAT32, arena);
            Tensor video = weights.tensor("video", Tensor.ANY, Tensor.ANY);
            Tensor audio = weights.tensor("audio", Tensor.ANY, Tensor.ANY);
            Denoise denoise = (latents, sigma, step) -> new Denoise.Prediction(
                    new Streams<>(formula(latents.video(), video, sigma), formula(latents.audio(), audio, sigma)),
                    new Streams<>(
                            formula(latents.video(), video.negative(), sigma),
                            formula(latents.audio(), audio.negative(), sigma)));
            samplers(golden.params()).forEach((name, sampler) -> run(golden, name, sampler, denoise, results));
        }
        return results;
    }

    private static Map<String, Sampler> samplers(JsonNode params) {
        Map<String, Sampler> samplers = new LinkedHashMap<>();
        samplers.put("euler", new Sampler.Euler());
        samplers.put(
                "gradient_estimation",
                new Sampler.GradientEstimation(
                        params.get("gradient_estimation").get("gamma").asDouble()));
        for (String name : new String[] {"euler_ancestral", "euler_ancestral_eta05"}) {
            JsonNode entry = params.get(name);
            samplers.put(
                    name,
                    new Sampler.AncestralEuler(
                            entry.get("eta").asDouble(),
                            entry.get("s_noise").asDouble(),
                            entry.get("noise_seed").asLong()));
        }
        for (String name : new String[] {"euler_cfg_pp", "euler_cfg_pp_eta0"}) {
            JsonNode entry = params.get(name);
            samplers.put(
                    name,
                    new Sampler.EulerCfgPlusPlus(
                            entry.get("eta").asDouble(),
                            entry.path("s_noise").asDouble(1),
                            entry.path("noise_seed").asLong()));
        }
        for (String name : new String[] {"res_2s", "res_2s_plain"}) {
            JsonNode entry = params.get(name);
            samplers.put(
                    name,
                    new Sampler.SecondOrderExponential(
                            entry.get("eta").asDouble(),
                            entry.path("substep_eta").asDouble(0.5),
                            entry.get("anchor_refinement").asBoolean()
                                    ? entry.path("iterations").asInt(100)
                                    : 0,
                            entry.get("noise_seed").asLong()));
        }
        return samplers;
    }

    private static void run(
            GoldenCase golden, String name, Sampler sampler, Denoise denoise, Map<String, Tensor> results) {
        Tensor video = golden.input("video");
        Tensor audio = golden.input("audio");
        Streams<LatentState> states = new Streams<>(
                new LatentState(video, golden.input("video_clean"), golden.input("video_mask"), null),
                new LatentState(
                        audio,
                        Tensor.zeros(DataType.FLOAT32, golden.device(), audio.shape()),
                        Tensor.ones(DataType.FLOAT32, golden.device(), audio.size(0), audio.size(1), 1),
                        null));
        float[] levels = sampler.levels(golden.input("sigmas").toFloatArray());
        try (TensorScope scope = TensorScope.open();
                StepMemory memory = StepMemory.empty()) {
            Sampler.Run run = sampler.start(states, memory);
            Streams<Tensor> latents = new Streams<>(video, audio);
            for (int index = 0; index < levels.length - 1; index++) {
                latents = run.step(index, levels[index], levels[index + 1], latents, denoise);
            }
            results.put(name + ".video", scope.keep(latents.video()));
            results.put(name + ".audio", scope.keep(latents.audio()));
        }
    }

    private static Tensor formula(Tensor latent, Tensor matrix, double sigma) {
        return latent.matmul(matrix).tanh().times(1 - sigma / 2).plus(sigma / 4);
    }
}
