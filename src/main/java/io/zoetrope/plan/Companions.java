package io.zoetrope.plan;

import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.upsampler.UpsamplerConfig;
import io.zoetrope.request.Upsampler;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What lies beside a model and is used with it: upsamplers and LoRAs. Read from their headers.
final class Companions {

    private static final String DOWN = ".lora_A.weight";
    private static final String UP = ".lora_B.weight";

    private Companions() {}

    static List<ModelDescription.Upsampler> upsamplers(ModelFiles files, DataType type) {
        return files.upsamplers().entrySet().stream()
                .map(file -> upsampler(file.getKey(), file.getValue(), type))
                .toList();
    }

    static List<ModelDescription.Lora> loras(ModelFiles files, DataType type) {
        return files.loras().entrySet().stream()
                .map(file -> lora(file.getKey(), file.getValue(), type))
                .toList();
    }

    private static ModelDescription.Upsampler upsampler(String name, Path file, DataType type) {
        try (Checkpoint checkpoint = Checkpoint.open(List.of(file))) {
            UpsamplerConfig config = UpsamplerConfig.of(ConfigSection.of("upsampler", checkpoint.config()));
            long elements = checkpoint.entries().values().stream()
                    .mapToLong(entry -> entry.shape().stream().reduce(1L, (a, b) -> a * b))
                    .sum();
            return new ModelDescription.Upsampler(
                    switch (config.kind()) {
                        case SPATIAL_X2 -> Upsampler.SPATIAL_X2;
                        case SPATIAL_X1_5 -> Upsampler.SPATIAL_X1_5;
                        case TEMPORAL_X2 -> Upsampler.TEMPORAL_X2;
                    },
                    name,
                    ModelDigest.of(List.of(file)),
                    config.width(),
                    elements * type.bytes());
        }
    }

    private static ModelDescription.Lora lora(String name, Path file, DataType type) {
        try (Checkpoint checkpoint = Checkpoint.open(List.of(file))) {
            Map<String, String> metadata = checkpoint.metadata();
            return new ModelDescription.Lora(
                    name,
                    ModelDigest.of(List.of(file)),
                    factor(file, metadata, "reference_downscale_factor"),
                    factor(file, metadata, "reference_temporal_scale_factor"),
                    touchedBytes(checkpoint, type));
        }
    }

    private static int factor(Path file, Map<String, String> metadata, String key) {
        String text = metadata.getOrDefault(key, "1");
        try {
            int factor = new BigDecimal(text).intValueExact();
            if (factor >= 1 && factor <= 64) {
                return factor;
            }
        } catch (ArithmeticException | NumberFormatException _) { // falls through to the refusal
        }
        throw new CheckpointException(
                file.toString(), "%s is '%s', expected a whole number from 1".formatted(key, text));
    }

    /// `A [r, in]` and `B [out, r]` change a weight `[out, in]`.
    private static long touchedBytes(Checkpoint checkpoint, DataType type) {
        long elements = 0;
        for (String key : checkpoint.entries().keySet()) {
            if (key.endsWith(DOWN)) {
                var up = checkpoint.entry(key.replace(DOWN, UP));
                var down = checkpoint.entry(key).orElseThrow();
                elements += up.map(entry -> entry.shape().getFirst()).orElse(0L)
                        * down.shape().getLast();
            }
        }
        return elements * type.bytes();
    }
}
