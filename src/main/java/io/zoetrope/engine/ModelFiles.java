package io.zoetrope.engine;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.DiffusersFolder;
import io.zoetrope.engine.checkpoint.FilePurpose;
import io.zoetrope.engine.checkpoint.ModelLayout;
import io.zoetrope.engine.checkpoint.OfficialFiles;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.checkpoint.Shards;
import io.zoetrope.engine.text.GemmaFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Where the files of a model lie, and what lies beside them. Files are told by what is in them, never by their names.
///
/// @param layout     of all networks but the text model
/// @param gemma      folder of the text model
/// @param tokenizer  folder of its tokenizer, the same as `gemma` unless the layout separates them
/// @param upsamplers by the file's name without its ending
/// @param loras      by the file's name without its ending
public record ModelFiles(
        ModelLayout layout,
        Path gemma,
        Path tokenizer,
        SortedMap<String, Path> upsamplers,
        SortedMap<String, Path> loras) {

    private static final System.Logger LOG = System.getLogger(ModelFiles.class.getName());
    private static final String GEMMA = "gemma";
    private static final String ENDING = ".safetensors";
    /// Folders in a model's folder in which files of models are published, split by network.
    private static final List<String> SPLIT =
            List.of("checkpoints", "diffusion_models", "text_encoders", "vae", "audio_vae", "vocoder", "model_patches");
    /// Folders for what is used with a model.
    private static final List<String> COMPANIONS = List.of("loras", "upsamplers", "latent_upscale_models");

    public ModelFiles {
        upsamplers = Collections.unmodifiableSortedMap(new TreeMap<>(upsamplers));
        loras = Collections.unmodifiableSortedMap(new TreeMap<>(loras));
    }

    /// A model's folder, or its one checkpoint file. In the folder, or beside the file, is the text model in `gemma/`
    /// (in a diffusers folder, in `text_encoder/` and `tokenizer/`).
    ///
    /// @throws CheckpointException if there is no model, or more than one
    public static ModelFiles of(Path path) {
        if (Files.isRegularFile(path)) {
            return ofFile(path);
        }
        if (!Files.isDirectory(path)) {
            throw new CheckpointException(
                    path.toString(), "is no folder, expected one with a checkpoint (*.safetensors) and gemma/");
        }
        boolean diffusers = DiffusersFolder.is(path);
        List<Path> folders = folders(path, diffusers ? List.of() : SPLIT);
        Map<FilePurpose, List<Path>> found = byPurpose(folders);
        List<Path> models = found.getOrDefault(FilePurpose.MODEL, List.of());
        if (diffusers && !models.isEmpty()) {
            throw new CheckpointException(
                    path.toString(),
                    "holds a diffusers model and also %s: give the file itself to use that".formatted(names(models)));
        }
        if (diffusers) {
            return with(new DiffusersFolder(path), path, found);
        }
        requireWhole(path, folders, models, found);
        return with(new OfficialFiles(path, models), path, found);
    }

    /// Whether a folder holds networks of a model.
    public static boolean areIn(Path folder) {
        return DiffusersFolder.is(folder) || byPurpose(folders(folder, SPLIT)).containsKey(FilePurpose.MODEL);
    }

    /// The files of the networks and their configuration, in a fixed order.
    public List<Path> checkpoint() {
        return layout.files();
    }

    /// @throws CheckpointException if anything is missing or contradictory, or needs what the engine does not have
    public Checkpoint openCheckpoint() {
        return layout.open().requireSupported();
    }

    /// Opens also what the engine cannot run, to look at it.
    public Checkpoint openAnyCheckpoint() {
        return layout.open();
    }

    public GemmaFolder openGemma() {
        return GemmaFolder.open(gemma, tokenizer);
    }

    private static ModelFiles ofFile(Path file) {
        FilePurpose purpose = purpose(file);
        if (purpose != FilePurpose.MODEL) {
            throw new CheckpointException(file.toString(), "is a file %s, expected a model".formatted(purpose.label()));
        }
        Path folder = file.toAbsolutePath().getParent();
        return with(new OfficialFiles(file, List.of(file)), folder, byPurpose(folders(folder, List.of())));
    }

    private static ModelFiles with(ModelLayout layout, Path folder, Map<FilePurpose, List<Path>> found) {
        Path gemma = folder.resolve(GEMMA);
        Path encoder = folder.resolve(DiffusersFolder.TEXT_ENCODER);
        boolean separate = !Files.isDirectory(gemma) && Files.isDirectory(encoder);
        return new ModelFiles(
                layout,
                separate ? encoder : gemma,
                separate ? folder.resolve(DiffusersFolder.TOKENIZER) : gemma,
                named(folder, found.getOrDefault(FilePurpose.UPSAMPLER, List.of())),
                named(folder, found.getOrDefault(FilePurpose.LORA, List.of())));
    }

    private static List<Path> folders(Path folder, List<String> split) {
        List<Path> folders = new ArrayList<>(List.of(folder));
        split.forEach(name -> folders.add(folder.resolve(name)));
        COMPANIONS.forEach(name -> folders.add(folder.resolve(name)));
        return folders.stream().filter(Files::isDirectory).toList();
    }

    private static Map<FilePurpose, List<Path>> byPurpose(List<Path> folders) {
        Map<FilePurpose, List<Path>> found = new EnumMap<>(FilePurpose.class);
        for (Path folder : folders) {
            for (Path file : Shards.filesIn(folder)) {
                found.computeIfAbsent(purpose(file), _ -> new ArrayList<>()).add(file);
            }
        }
        found.getOrDefault(FilePurpose.UNKNOWN, List.of())
                .forEach(file -> LOG.log(System.Logger.Level.WARNING, "{0}: not used, its purpose is not known", file));
        return found;
    }

    private static FilePurpose purpose(Path file) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return FilePurpose.of(opened);
        }
    }

    /// Refuses a folder without a model, and shards without the others.
    private static void requireWhole(
            Path path, List<Path> folders, List<Path> models, Map<FilePurpose, List<Path>> found) {
        List<String> problems = new ArrayList<>(Shards.absent(models));
        if (problems.isEmpty()) {
            folders.stream()
                    .flatMap(folder -> Shards.indexesIn(folder).stream())
                    .forEach(index -> Shards.listed(index, problems));
        }
        if (problems.isEmpty() && models.isEmpty()) {
            List<String> others = new ArrayList<>();
            found.forEach((purpose, files) -> others.add("%s (%s)".formatted(names(files), purpose.label())));
            problems.add(
                    others.isEmpty()
                            ? "holds no checkpoint (*.safetensors)"
                            : "holds no checkpoint, only " + String.join(", ", others));
        }
        if (!problems.isEmpty()) {
            throw new CheckpointException(path.toString(), problems);
        }
    }

    private static SortedMap<String, Path> named(Path folder, List<Path> files) {
        SortedMap<String, Path> named = new TreeMap<>();
        for (Path file : files) {
            String name = file.getFileName().toString();
            Path other = named.put(name.substring(0, name.length() - ENDING.length()), file);
            if (other != null) {
                throw new CheckpointException(
                        folder.toString(),
                        "%s and %s have the same name".formatted(folder.relativize(other), folder.relativize(file)));
            }
        }
        return named;
    }

    private static String names(List<Path> files) {
        return String.join(
                ", ", files.stream().map(file -> file.getFileName().toString()).toList());
    }
}
