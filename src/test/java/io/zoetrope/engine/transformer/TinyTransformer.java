package io.zoetrope.engine.transformer;

import io.zoetrope.engine.ModelShape;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.latent.AudioShape;
import io.zoetrope.engine.latent.Positions;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// The transformer of a tiny model, and one evaluation of it that is always the same.
public final class TinyTransformer {

    public static final Path FILE = Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official/tiny.safetensors");
    public static final Path LORA =
            Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official/distilled-lora.safetensors");
    public static final String PREFIX = "model.diffusion_model";

    private static final int FRAMES = 9;
    private static final int SIDE = 64;
    private static final double FPS = 24;
    private static final int TEXT_SLOTS = 6;
    private static final float SIGMA = 0.7f;

    private final ModelShape shape;
    private final Weights weights;
    private final Transformer transformer;

    private TinyTransformer(ModelShape shape, Weights weights, Transformer transformer) {
        this.shape = shape;
        this.weights = weights;
        this.transformer = transformer;
    }

    /// @param arena owns the weights
    public static TinyTransformer load(Checkpoint checkpoint, DataType type, WeightStorage storage, TensorArena arena) {
        Weights weights =
                Weights.of(checkpoint, Device.CPU, type, storage, arena).under(PREFIX);
        TransformerConfig config = TransformerConfig.of(
                ConfigSection.of("transformer", checkpoint.config().path("transformer")));
        Transformer transformer = Transformer.load(config, weights);
        weights.finish("transformer");
        return new TinyTransformer(ModelShape.of(checkpoint), weights, transformer);
    }

    public static Checkpoint open() {
        return Checkpoint.open(List.of(FILE));
    }

    /// The cursor that the transformer was built on.
    public Weights weights() {
        return weights;
    }

    public Transformer transformer() {
        return transformer;
    }

    /// The velocities of both streams, one after the other, by a variant of this transformer.
    public float[] velocities(Transformer variant) {
        VideoShape video = shape.video(FRAMES, SIDE, SIDE);
        AudioShape audio = shape.audio(FRAMES, FPS);
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(5)) {
            Tensor context = random.normal(
                    DataType.FLOAT32, 1, TEXT_SLOTS, variant.config().captionWidth());
            Velocity velocity = variant.forward(
                    input(
                            random.normal(DataType.FLOAT32, 1, video.tokens(), video.channels()),
                            variant.videoGeometry(Positions.video(video, FPS, shape.scale())),
                            variant.videoText(context, null)),
                    input(
                            random.normal(DataType.FLOAT32, 1, audio.frames(), audio.width()),
                            variant.audioGeometry(Positions.audio(audio, shape.scale())),
                            variant.audioText(context, null)),
                    List.of());
            float[] first = velocity.video().toFloatArray();
            float[] second = velocity.audio().toFloatArray();
            float[] both = Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, both, first.length, second.length);
            return both;
        }
    }

    public float[] velocities() {
        return velocities(transformer);
    }

    private static StreamInput input(Tensor latent, Geometry geometry, StreamText text) {
        return new StreamInput(
                latent, Tensor.of(new float[] {SIGMA}, 1), Tensor.of(new float[] {SIGMA}, 1, 1, 1), geometry, text);
    }
}
