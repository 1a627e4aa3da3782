package io.zoetrope.engine.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The folder of a Gemma 3 text model, as published: configuration, tokenizer and one or many weight files,
/// possibly in a
/// folder below.
///
/// @param config    of the text model
/// @param tokenizer the `tokenizer.json`
/// @param weights   all shards
public record GemmaFolder(GemmaConfig config, Path tokenizer, List<Path> weights) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEPTH = 4;
    private static final List<String> PREFIXES = List.of("language_model.model", "model.language_model");

    public GemmaFolder {
        weights = List.copyOf(weights);
    }

    /// @throws CheckpointException listing everything that is missing
    public static GemmaFolder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(folder.toString(), "is no folder, expected that of a Gemma 3 text model");
        }
        List<String> problems = new ArrayList<>();
        Optional<Path> configFile = find(folder, "config\\.json").stream().findFirst();
        Optional<Path> tokenizer = find(folder, "tokenizer\\.json").stream().findFirst();
        List<Path> weights = shards(folder);
        if (configFile.isEmpty()) {
            problems.add("has no config.json");
        }
        if (tokenizer.isEmpty()) {
            problems.add("has no tokenizer.json");
        }
        if (weights.isEmpty()) {
            problems.add("has no model*.safetensors");
        }
        if (!problems.isEmpty()) {
            throw new CheckpointException(folder.toString(), problems);
        }
        return new GemmaFolder(config(configFile.get()), tokenizer.get(), weights);
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

    private static GemmaConfig config(Path file) {
        try {
            return GemmaConfig.of(JSON.readTree(Files.readString(file)));
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file.toString(), "is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException(file.toString(), "cannot be read: " + e.getMessage(), e);
        } catch (CheckpointException e) {
            throw new CheckpointException(file.toString(), e.problems());
        }
    }

    /// All shards of the folder in which the first one is found.
    private static List<Path> shards(Path folder) {
        List<Path> all = find(folder, "model.*\\.safetensors");
        return all.stream()
                .filter(file -> file.getParent().equals(all.getFirst().getParent()))
                .toList();
    }

    private static List<Path> find(Path folder, String name) {
        try (Stream<Path> files = Files.walk(folder, DEPTH)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .sorted(Comparator.comparingInt(Path::getNameCount).thenComparing(Comparator.naturalOrder()))
                    .toList();
        } catch (IOException e) {
            throw new CheckpointException(folder.toString(), "cannot be read: " + e.getMessage(), e);
        }
    }
}
