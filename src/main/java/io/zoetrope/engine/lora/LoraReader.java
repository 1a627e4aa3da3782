package io.zoetrope.engine.lora;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.Component;
import io.zoetrope.engine.checkpoint.DiffusersNames;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Sorts the tensors of a LoRA's file into layers, and notes everything that does not fit together.
final class LoraReader {

    static final String DOWN = ".lora_A.weight";
    private static final String UP = ".lora_B.weight";
    private static final String ALPHA = ".alpha";
    private static final String OFFICIAL = "diffusion_model.";
    private static final String DIFFUSERS = "transformer.";

    private final Checkpoint file;
    private final Map<String, SafetensorsFile.Entry> entries;
    private final SortedMap<String, Lora.Layer> layers = new TreeMap<>();
    private final List<String> unused = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    LoraReader(Checkpoint file) {
        this.file = file;
        this.entries = file.entries();
    }

    /// By official names, without the transformer's prefix.
    SortedMap<String, Lora.Layer> layers() {
        return layers;
    }

    /// Tensors that are no changes to a transformer.
    List<String> unused() {
        return unused;
    }

    List<String> problems() {
        return problems;
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
        Lora.Layer layer =
                new Lora.Layer(stem + DOWN, stem + UP, rank, down.getLast(), up.getFirst(), alpha(stem, rank) / rank);
        Lora.Layer other = layers.put(official, layer);
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

    /// A whole number of the header, 1 if it is absent.
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
