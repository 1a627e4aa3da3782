package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where the models lie that golden cases name in their parameters.
///
/// @param goldenRoot the folder that relative paths start from
/// @param demoModel  the folder that stands for `../demo-model`
public record Locations(Path goldenRoot, Path demoModel) {

    static final String DEMO_MODEL = "../demo-model";

    /// The root of a case: the nearest folder above it that holds `end-to-end/`, or else the folder of its
    /// component.
    public static Path rootOf(Path golden) {
        Path component = golden.toAbsolutePath().getParent();
        for (Path folder = component; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("end-to-end"))) {
                return folder;
            }
        }
        return component.getParent();
    }

    /// The file or folder that a case calls `name`.
    public Path resolve(String name) {
        Path path = name.startsWith(DEMO_MODEL)
                ? demoModel.resolve("." + name.substring(DEMO_MODEL.length()))
                : goldenRoot.resolve(name);
        if (!Files.exists(path)) {
            throw new CheckpointException(path.normalize().toString(), "does not exist, but a golden case needs it");
        }
        return path.normalize();
    }
}
