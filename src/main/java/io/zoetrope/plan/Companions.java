package io.zoetrope.plan;

import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.lora.Lora;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.upsampler.UpsamplerConfig;
import io.zoetrope.request.Upsampler;
import java.nio.file.Path;
import java.util.List;

/// What lies beside a model and is used with it: upsamplers and LoRAs. Read from their headers.
final class Companions {

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
        try (Lora lora = Lora.open(file)) {
            return new ModelDescription.Lora(
                    name,
                    ModelDigest.of(List.of(file)),
                    lora.referenceDownscale(),
                    lora.referenceTemporalScale(),
                    lora.touchedElements() * type.bytes());
        }
    }
}
