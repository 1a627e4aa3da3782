package io.zoetrope.engine.lora;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.Component;
import io.zoetrope.engine.checkpoint.DiffusersNames;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

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

    private static final String DOWN = ".lora_A.weight";
    private static final String UP = ".lora_B.weight";
    private static final String ALPHA = ".alpha";
    private static final String OFFICIAL = "diffusion_model.";
    private static final String DIFFUSERS = "transformer.";
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
        Reader reader = new Reader(file);
        reader.read();
        int downscale = reader.factor(DOWNSCALE);
        int temporalScale = reader.factor(TEMPORAL_SCALE);
        if (!reader.problems.isEmpty()) {
            throw new CheckpointException(file.subject(), reader.problems);
        }
        return new Lora(name, file, reader.layers, List.copyOf(reader.unused), downscale, temporalScale);
    }

    /// Whether `checkpoint` is the file of a LoRA, by its tensors.
    public static boolean isIn(Checkpoint checkpoint) {
        return checkpoint.entries().keySet().stream().anyMatch(key -> key.endsWith(DOWN));
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

    /// Sorts a file's tensors into layers.
    private static final class Reader {

        private final Checkpoint file;
        private final Map<String, SafetensorsFile.Entry> entries;
        private final SortedMap<String, Layer> layers = new TreeMap<>();
        private final List<String> unused = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();

        Reader(Checkpoint file) {
            this.file = file;
            this.entries = file.entries();
        }

        void read() {
            for (String key : entries.keySet()) {
                Optional<String> official = officialName(key);
                if (official.isEmpty()) {
                    unused.add(key);
                } else if (key.endsWith(DOWN)) {
                    layer(official.get(), without(key, DOWN));
                } else if (key.endsWith(UP)) {
                    require(without(key, UP) + DOWN);
                } else if (key.endsWith(ALPHA)) {
                    require(without(key, ALPHA) + DOWN);
                } else {
                    unused.add(key);
                }
            }
            if (layers.isEmpty() && problems.isEmpty()) {
                problems.add("changes no layer of a transformer (%s<layer>%s)".formatted(OFFICIAL, DOWN));
            }
        }

        private void layer(String official, String stem) {
            if (!require(stem + UP)) {
                return;
            }
            List<Long> down = entries.get(stem + DOWN).shape();
            List<Long> up = entries.get(stem + UP).shape();
            if (down.size() != 2 || up.size() != 2 || !down.getFirst().equals(up.getLast())) {
                problems.add("%s is %s and %s %s, expected [rank, in] and [out, rank]"
                        .formatted(stem + DOWN, down, UP.substring(1), up));
                return;
            }
            long rank = down.getFirst();
            Layer layer =
                    new Layer(stem + DOWN, stem + UP, rank, down.getLast(), up.getFirst(), alpha(stem, rank) / rank);
            Layer other = layers.put(official, layer);
            if (other != null) {
                problems.add("%s and %s are the same layer".formatted(other.down(), layer.down()));
            }
        }

        private double alpha(String stem, long rank) {
            SafetensorsFile.Entry entry = entries.get(stem + ALPHA);
            if (entry == null) {
                return rank;
            }
            if (entry.shape().stream().anyMatch(length -> length != 1)) {
                problems.add("%s is %s, expected one number".formatted(stem + ALPHA, entry.shape()));
                return rank;
            }
            try (Tensor alpha = file.tensor(stem + ALPHA)) {
                return alpha.item();
            }
        }

        private boolean require(String key) {
            SafetensorsFile.Entry entry = entries.get(key);
            if (entry == null) {
                problems.add(key + " is missing");
            } else if (!entry.type().isFloatingPoint()) {
                problems.add(
                        "%s is %s, expected numbers".formatted(key, entry.type().code()));
            }
            return entry != null && entry.type().isFloatingPoint();
        }

        /// The name of the layer or its part in the transformer; empty for what is no part of it.
        private static Optional<String> officialName(String key) {
            if (key.startsWith(OFFICIAL)) {
                return Optional.of(layerOf(key.substring(OFFICIAL.length())));
            }
            if (key.startsWith(DIFFUSERS)) {
                String full = DiffusersNames.TRANSFORMER.official(key.substring(DIFFUSERS.length()));
                return Optional.of(
                        layerOf(full.substring(Component.TRANSFORMER.prefix().length())));
            }
            return Optional.empty();
        }

        private static String layerOf(String name) {
            for (String ending : List.of(DOWN, UP, ALPHA)) {
                if (name.endsWith(ending)) {
                    return without(name, ending);
                }
            }
            return name;
        }

        int factor(String key) {
            String text = file.metadata().get(key);
            if (text == null) {
                return 1;
            }
            try {
                double value = Double.parseDouble(text.strip());
                if (value >= 1 && value == Math.rint(value) && value <= Integer.MAX_VALUE) {
                    return (int) value;
                }
            } catch (NumberFormatException _) {
                // told below
            }
            problems.add("%s is '%s', expected a whole number from 1 on".formatted(key, text));
            return 1;
        }

        private static String without(String key, String ending) {
            return key.substring(0, key.length() - ending.length());
        }
    }
}
