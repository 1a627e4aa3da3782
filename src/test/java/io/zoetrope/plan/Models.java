package io.zoetrope.plan;

import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Upsampler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Models that the tests plan for: the demo model, and the published ones as their specification describes them.
final class Models {

    static final long GIB = 1L << 30;

    private Models() {}

    static OfferedModel demo() {
        try {
            ModelDefaults defaults = ModelDefaults.of(Path.of("models/demo/ltx2-demo.safetensors"), "2.0.0-demo");
            return new OfferedModel(demoDescription(), defaults, Models::words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// LTX-2.0 as published, with two stages.
    static OfferedModel published20() {
        ModelDescription description = new ModelDescription(
                "ltx-2.0",
                "2.0",
                "d20",
                EnumSet.allOf(Pipeline.class),
                new ModelDescription.Text(1024, 3840, 48, 16, 15360, 3840, 3840),
                new ModelDescription.Transformer(4096, 2048, 48, true),
                new ModelDescription.Video(128, 32, 8, 64, 4, 128),
                new ModelDescription.Audio(8, 16, 25, 4, 240, 24_000, 8192),
                new ModelDescription.Weights(
                        new ModelDescription.Streamed(26_000_000_000L, 25_000_000_000L),
                        new ModelDescription.Streamed(37_752_349_184L, 37_752_349_184L),
                        1_200_000_000L),
                List.of(
                        new ModelDescription.Upsampler(Upsampler.SPATIAL_X2, "x2", "u2", 1024, 1_000_000_000L),
                        new ModelDescription.Upsampler(Upsampler.SPATIAL_X1_5, "x1.5", "u3", 1024, 1_100_000_000L),
                        new ModelDescription.Upsampler(Upsampler.TEMPORAL_X2, "temporal", "ut", 512, 260_000_000L)),
                List.of(
                        new ModelDescription.Lora("distilled", "dd", 1, 1, 4_000_000_000L),
                        new ModelDescription.Lora("union-control", "dc", 2, 1, 1_000_000_000L),
                        new ModelDescription.Lora("third", "dt", 3, 1, 1_000_000_000L)));
        return new OfferedModel(description, withDistilledLora(ModelDefaults.preset("2.0")), Models::words);
    }

    private static ModelDescription demoDescription() {
        return new ModelDescription(
                "demo",
                "2.0.0-demo",
                "0123abc",
                Set.of(Pipeline.ONE_STAGE),
                new ModelDescription.Text(1024, 64, 3, 4, 256, 64, 64),
                new ModelDescription.Transformer(128, 64, 4, true),
                new ModelDescription.Video(128, 32, 8, 64, 4, 16),
                new ModelDescription.Audio(2, 16, 25, 4, 240, 24_000, 2048),
                new ModelDescription.Weights(
                        new ModelDescription.Streamed(2_000_000, 0),
                        new ModelDescription.Streamed(12_000_000, 0),
                        8_000_000),
                List.of(),
                List.of());
    }

    private static ModelDefaults withDistilledLora(ModelDefaults preset) {
        return new ModelDefaults(
                preset.width(),
                preset.height(),
                preset.frames(),
                preset.fps(),
                preset.steps(),
                preset.pipeline(),
                preset.sampler(),
                preset.schedule(),
                preset.guidance(),
                preset.negativePrompt(),
                Optional.of(new ModelDefaults.DistilledLora("distilled", Optional.empty(), Optional.empty())));
    }

    private static int words(String text) {
        return text.isBlank() ? 0 : text.strip().split("\\s+").length;
    }
}
