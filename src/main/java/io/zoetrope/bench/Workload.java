package io.zoetrope.bench;

import io.zoetrope.engine.tensor.DataType;
import java.util.List;
import java.util.Optional;

/// What the engine is measured with: a model, and the clip that it makes. The reference is told the same.
///
/// @param name      as it stands in tables
/// @param type      in which the networks compute
/// @param frames    pixel frames, 8k + 1
/// @param height    pixels, a multiple of 32
/// @param width     pixels, a multiple of 32
/// @param fps       frames per second
/// @param steps     of denoising a clip
/// @param guidance  scale of classifier-free guidance of both streams
/// @param complete  whether the model has all networks; otherwise only passes are measured
public record Workload(
        String name,
        DataType type,
        int frames,
        int height,
        int width,
        double fps,
        int steps,
        double guidance,
        boolean complete) {

    /// The shipped model, at the only size that it knows.
    public static final Workload DEMO = new Workload("demo", DataType.FLOAT32, 17, 96, 96, 8, 10, 2, true);

    /// A drawn transformer of about 300 million parameters.
    public static final Workload MIDDLE_FLOAT32 =
            new Workload("middle-float32", DataType.FLOAT32, 33, 256, 256, 24, 4, 1, false);

    public static final Workload MIDDLE_BFLOAT16 =
            new Workload("middle-bfloat16", DataType.BFLOAT16, 33, 256, 256, 24, 4, 1, false);

    public static final List<Workload> ALL = List.of(DEMO, MIDDLE_FLOAT32, MIDDLE_BFLOAT16);

    /// Of the transformer that the middle-sized workloads run.
    public static final RandomModel.Config MIDDLE = new RandomModel.Config(20261125, 16, 64, 32, 12, 1024);

    /// Prompt of a workload with a text encoder.
    public static final String PROMPT = "A red circle moves left to right on a blue background with a high tone.";

    public static Optional<Workload> named(String name) {
        return ALL.stream().filter(workload -> workload.name().equals(name)).findFirst();
    }
}
