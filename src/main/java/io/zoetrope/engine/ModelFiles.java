package io.zoetrope.engine;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.text.GemmaFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Where the files of a model lie.
///
/// @param checkpoint the safetensors file of all networks but the text model, or its shards
/// @param gemma      folder of the text model
public record ModelFiles(List<Path> checkpoint, Path gemma) {

    private static final String GEMMA = "gemma";
    /// Files beside the checkpoint that serve other purposes; told by their own headers once they are loaded.
    private static final List<String> OTHER_PURPOSES = List.of("upsampler", "upscaler", "lora", "duration-head");

    public ModelFiles {
        checkpoint = List.copyOf(checkpoint);
    }

    /// A folder that holds a checkpoint and, in `gemma/`, the text model.
    ///
    /// @throws CheckpointException if it does not
    public static ModelFiles of(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(
                    folder.toString(), "is no folder, expected one with a checkpoint (*.safetensors) and gemma/");
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> checkpoints = files.filter(file -> file.toString().endsWith(".safetensors"))
                    .filter(file -> OTHER_PURPOSES.stream()
                            .noneMatch(file.getFileName().toString().toLowerCase(Locale.ROOT)::contains))
                    .sorted()
                    .toList();
            if (checkpoints.isEmpty()) {
                throw new CheckpointException(folder.toString(), "holds no checkpoint (*.safetensors)");
            }
            return new ModelFiles(checkpoints, folder.resolve(GEMMA));
        } catch (IOException e) {
            throw new CheckpointException(folder.toString(), "cannot be read: " + e.getMessage(), e);
        }
    }

    public Checkpoint openCheckpoint() {
        return Checkpoint.open(checkpoint);
    }

    public GemmaFolder openGemma() {
        return GemmaFolder.open(gemma);
    }
}
