package io.zoetrope.engine.lora;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/// A file of changes to layers of the transformer, mapped as long as it is open.
///
/// Layers are named as in the official checkpoint, `diffusion_model.<layer>.lora_A.weight`, or as in diffusers,
/// `transformer.<layer>.lora_A.weight`; the latter are given their official names. Everything else in the file, such
/// as changes to the text projection, is not used and can be asked for ([#unused]).
public final class Lora implements AutoCloseable {

    /// The change of one layer: `B · A · factor`.
    ///
    /// @param down   name of A in the file, `[rank, in]`
    /// @param up     name of B in the file, `[out, rank]`
    /// @param factor 1, or `alpha / rank` where the file gives an `alpha`
    record Layer(String down, String up, long rank, long in, long out, double factor) {}

    private static final String ENDING = ".safetensors";
    private static final String DOWNSCALE = "reference_downscale_factor";
    private static final String TEMPORAL_SCALE = "reference_temporal_scale_factor";

    private final String name;
    private final Checkpoint file;
    private final SortedMap<String, Layer> layers;
    private final List<String> unused;
    private final int referenceDownscale;
    private final int referenceTemporalScale;

    private Lora(
            String name,
            Checkpoint file,
            SortedMap<String, Layer> layers,
            List<String> unused,
            int referenceDownscale,
            int referenceTemporalScale) {
        this.name = name;
        this.file = file;
        this.layers = layers;
        this.unused = unused;
        this.referenceDownscale = referenceDownscale;
        this.referenceTemporalScale = referenceTemporalScale;
    }

    /// Opens a file; its name without the ending becomes the LoRA's.
    ///
    /// @throws CheckpointException listing everything that is missing or does not fit together
    public static Lora open(Path path) {
        Checkpoint file = Checkpoint.open(List.of(path));
        try {
            return of(path.getFileName().toString().replace(ENDING, ""), file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /// Takes `file` over.
    ///
    /// @throws CheckpointException listing everything that is missing or does not fit together
    public static Lora of(String name, Checkpoint file) {
        LoraReader reader = new LoraReader(file);
        reader.read();
        int downscale = reader.factor(DOWNSCALE);
        int temporalScale = reader.factor(TEMPORAL_SCALE);
        if (!reader.problems().isEmpty()) {
            throw new CheckpointException(file.subject(), reader.problems());
        }
        return new Lora(name, file, reader.layers(), List.copyOf(reader.unused()), downscale, temporalScale);
    }

    /// Whether `checkpoint` is the file of a LoRA, by its tensors.
    public static boolean isIn(Checkpoint checkpoint) {
        return checkpoint.entries().keySet().stream().anyMatch(key -> key.endsWith(LoraReader.DOWN));
    }

    public String name() {
        return name;
    }

    /// The greatest rank of its layers.
    public long rank() {
        return layers.values().stream().mapToLong(Layer::rank).max().orElse(0);
    }

    /// Official names of the layers it changes, without the transformer's prefix.
    public List<String> layerNames() {
        return List.copyOf(layers.keySet());
    }

    /// Weights it changes: times the bytes of one, the memory of a transformer with this LoRA on top of the one
    /// without.
    public long touchedElements() {
        return layers.values().stream()
                .mapToLong(layer -> layer.in() * layer.out())
                .sum();
    }

    /// Tensors in the file that are no changes to the transformer.
    public List<String> unused() {
        return unused;
    }

    /// By how much the picture of a reference clip is smaller than the clip it is a reference for, 1 or more.
    public int referenceDownscale() {
        return referenceDownscale;
    }

    /// By how much the frame rate of a reference clip is lower than the one of the clip it is a reference for.
    public int referenceTemporalScale() {
        return referenceTemporalScale;
    }

    @Override
    public void close() {
        file.close();
    }

    @Override
    public String toString() {
        return file.subject();
    }

    Map<String, Layer> layers() {
        return layers;
    }

    /// A view of the file, in the open scope.
    Tensor down(Layer layer) {
        return file.tensor(layer.down());
    }

    /// A view of the file, in the open scope.
    Tensor up(Layer layer) {
        return file.tensor(layer.up());
    }
}
