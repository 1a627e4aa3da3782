package io.zoetrope.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.JsonFile;
import io.zoetrope.engine.checkpoint.Shards;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The folder of a Gemma 3 text model, as published: configuration, tokenizer and one or many weight files, possibly
/// in a folder below. Folders of other networks may lie beside them.
///
/// @param config    of the text model
/// @param version   `gemma_version` of its `config.json`, if it has one
/// @param configuration the `config.json`
/// @param tokenizer the `tokenizer.json`
/// @param weights   all shards
public record GemmaFolder(
        GemmaConfig config, Optional<String> version, Path configuration, Path tokenizer, List<Path> weights) {

    private static final int DEPTH = 4;
    private static final List<String> PREFIXES = List.of("language_model.model", "model.language_model");

    public GemmaFolder {
        weights = List.copyOf(weights);
    }

    /// @throws CheckpointException listing everything that is missing
    public static GemmaFolder open(Path folder) {
        return open(folder, folder);
    }

    /// @param tokenizers folder of the tokenizer, where it is not that of the weights
    /// @throws CheckpointException listing everything that is missing
    public static GemmaFolder open(Path folder, Path tokenizers) {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(folder.toString(), "is no folder, expected that of a Gemma 3 text model");
        }
        List<String> problems = new ArrayList<>();
        Optional<Path> configFile = configFile(folder);
        Path home = configFile.map(Path::getParent).orElse(folder);
        Optional<Path> tokenizer =
                nearest(tokenizers.equals(folder) ? home : tokenizers, tokenizers, "tokenizer\\.json").stream()
                        .findFirst();
        List<Path> weights = shards(nearest(home, folder, "model.*\\.safetensors"));
        JsonNode json = configFile.map(JsonFile::read).orElse(MissingNode.getInstance());
        if (configFile.isEmpty()) {
            problems.add("has no config.json");
        } else if (!GemmaConfig.describes(json)) {
            problems.add("its %s has the model_type '%s', expected gemma3"
                    .formatted(
                            folder.relativize(configFile.get()),
                            json.path("model_type").asText()));
        }
        if (tokenizer.isEmpty()) {
            problems.add("has no tokenizer.json");
        }
        if (weights.isEmpty()) {
            problems.add("has no model*.safetensors");
        }
        problems.addAll(Shards.absent(weights));
        if (!problems.isEmpty()) {
            throw new CheckpointException(folder.toString(), problems);
        }
        return new GemmaFolder(
                config(configFile.get(), json),
                Optional.ofNullable(json.path("gemma_version").textValue()),
                configFile.get(),
                tokenizer.get(),
                weights);
    }

    /// Every file that is read, in a fixed order.
    public List<Path> files() {
        List<Path> files = new ArrayList<>(List.of(configuration, tokenizer));
        files.addAll(weights);
        return files;
    }

    /// The `model_type` of the text model of the Gemma family, of whatever generation, that a folder holds; empty if it
    /// holds none.
    public static String modelType(Path folder) {
        return find(folder, "config\\.json").stream()
                .map(file -> JsonFile.read(file).path("model_type").asText())
                .filter(type -> type.startsWith("gemma"))
                .findFirst()
                .orElse("");
    }

    /// The prefix of the language model's keys: older and newer writers differ.
    static String prefix(Checkpoint checkpoint) {
        return PREFIXES.stream()
                .filter(prefix -> checkpoint.hasPrefix(prefix + "."))
                .findFirst()
                .orElseThrow(() -> new CheckpointException(
                        checkpoint.subject(),
                        "has no tensors under any of " + PREFIXES + ": not a Gemma 3 text model"));
    }

    /// The first `config.json` of a Gemma 3; or of anything, so that it can be said what was found instead.
    private static Optional<Path> configFile(Path folder) {
        List<Path> files = find(folder, "config\\.json");
        return files.stream()
                .filter(file -> GemmaConfig.describes(JsonFile.read(file)))
                .findFirst()
                .or(() -> files.stream().findFirst());
    }

    private static GemmaConfig config(Path file, JsonNode json) {
        try {
            return GemmaConfig.of(json);
        } catch (CheckpointException e) {
            throw new CheckpointException(file.toString(), e.problems());
        }
    }

    /// All shards of the folder in which the first one was found.
    private static List<Path> shards(List<Path> files) {
        return files.stream()
                .filter(file -> file.getParent().equals(files.getFirst().getParent()))
                .toList();
    }

    /// Matching files in `home`, or else anywhere in `folder`.
    private static List<Path> nearest(Path home, Path folder, String name) {
        List<Path> near = find(home, name);
        return near.isEmpty() ? find(folder, name) : near;
    }

    private static List<Path> find(Path folder, String name) {
        try (Stream<Path> files = Files.walk(folder, DEPTH, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .sorted(Comparator.comparingInt(Path::getNameCount).thenComparing(Comparator.naturalOrder()))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new CheckpointException(folder.toString(), "cannot be read: " + e.getMessage(), e);
        }
    }
}
