package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.Checkpoint.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A model as the diffusers library saves it: a folder for each network, with a configuration and weights of its own,
/// and `model_index.json`, which names them. Names and configurations are translated to the official ones when it is
/// opened; nothing else knows of this layout.
///
/// @param path the folder
public record DiffusersFolder(Path path) implements ModelLayout {

    /// Folder, and the classes that are known.
    private enum Network {
        TRANSFORMER("transformer", Set.of("LTX2VideoTransformer3DModel")),
        CONNECTORS("connectors", Set.of("LTX2TextConnectors")),
        VIDEO_VAE("vae", Set.of("AutoencoderKLLTX2Video")),
        AUDIO_VAE("audio_vae", Set.of("AutoencoderKLLTX2Audio")),
        VOCODER("vocoder", Set.of("LTX2Vocoder", "LTX2VocoderWithBWE"));

        private final String folder;
        private final Set<String> classes;

        Network(String folder, Set<String> classes) {
            this.folder = folder;
            this.classes = classes;
        }
    }

    /// The text model's folder and the tokenizer's.
    public static final String TEXT_ENCODER = "text_encoder";

    public static final String TOKENIZER = "tokenizer";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String INDEX = "model_index.json";
    private static final String CONFIG = "config.json";
    private static final String SCHEDULER = "scheduler/scheduler_config.json";
    private static final String WEIGHTS = "diffusion_pytorch_model";

    public static boolean is(Path folder) {
        return Files.isRegularFile(folder.resolve(INDEX));
    }

    @Override
    public List<Path> files() {
        List<String> problems = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        files.add(path.resolve(INDEX));
        if (Files.isRegularFile(path.resolve(SCHEDULER))) {
            files.add(path.resolve(SCHEDULER));
        }
        for (Network network : Network.values()) {
            files.add(path.resolve(network.folder).resolve(CONFIG));
        }
        weights(problems).values().forEach(files::addAll);
        refuse(problems);
        return files;
    }

    @Override
    public Checkpoint open() {
        List<String> problems = new ArrayList<>();
        JsonNode index = JsonFile.read(path.resolve(INDEX));
        Map<Network, DiffusersSection> sections = sections(index, problems);
        Map<Network, List<Path>> weights = weights(problems);
        refuse(problems);
        ObjectNode config = JSON.createObjectNode();
        Map<Network, DiffusersNames> names = translate(sections, config, problems);
        refuse(problems);
        Map<String, String> metadata = Map.of("config", config.toString(), "model_version", version(config, index));
        List<Path> files = weights.values().stream().flatMap(List::stream).toList();
        return SafetensorsFile.withAll(files, opened -> {
            List<Part> parts = new ArrayList<>();
            weights.forEach((network, paths) -> {
                DiffusersNames official = names.get(network);
                for (int file = 0; file < paths.size(); file++) {
                    parts.add(new Part(opened.get(parts.size()), name -> Optional.of(official.official(name))));
                }
            });
            return Checkpoint.of(path.toString(), parts, metadata);
        });
    }

    private Map<Network, DiffusersSection> sections(JsonNode index, List<String> problems) {
        Map<Network, DiffusersSection> sections = new EnumMap<>(Network.class);
        for (Network network : Network.values()) {
            Path file = path.resolve(network.folder).resolve(CONFIG);
            if (!index.path(network.folder).path(1).isTextual()) {
                problems.add("%s names no %s".formatted(INDEX, network.folder));
            } else if (!Files.isRegularFile(file)) {
                problems.add("has no %s/%s".formatted(network.folder, CONFIG));
            } else {
                JsonNode config = JsonFile.read(file);
                String name = config.path("_class_name").asText();
                if (!network.classes.contains(name)) {
                    problems.add("%s is of the class '%s', expected one of %s"
                            .formatted(network.folder, name, network.classes));
                }
                sections.put(network, new DiffusersSection(network.folder, config, problems));
            }
        }
        return sections;
    }

    private Map<Network, List<Path>> weights(List<String> problems) {
        Map<Network, List<Path>> weights = new EnumMap<>(Network.class);
        for (Network network : Network.values()) {
            Path folder = path.resolve(network.folder);
            if (Files.isDirectory(folder)) {
                List<String> found = new ArrayList<>();
                weights.put(network, Shards.of(folder, WEIGHTS, found));
                found.forEach(problem -> problems.add("%s: %s".formatted(network.folder, problem)));
            } else {
                problems.add("has no folder %s".formatted(network.folder));
            }
        }
        return weights;
    }

    private Map<Network, DiffusersNames> translate(
            Map<Network, DiffusersSection> sections, ObjectNode config, List<String> problems) {
        DiffusersTransformer.translate(
                sections.get(Network.TRANSFORMER), sections.get(Network.CONNECTORS), config.putObject("transformer"));
        DiffusersNames videoVae = DiffusersVideoVae.translate(sections.get(Network.VIDEO_VAE), config.putObject("vae"));
        DiffusersAudio.autoencoder(sections.get(Network.AUDIO_VAE), config.putObject("audio_vae"));
        DiffusersAudio.vocoder(sections.get(Network.VOCODER), config.putObject("vocoder"));
        scheduler(config.putObject("scheduler"), problems);
        return Map.of(
                Network.TRANSFORMER, DiffusersNames.TRANSFORMER,
                Network.CONNECTORS, DiffusersNames.CONNECTORS,
                Network.VIDEO_VAE, videoVae,
                Network.AUDIO_VAE, DiffusersNames.AUDIO_VAE,
                Network.VOCODER, DiffusersNames.VOCODER);
    }

    /// The noise levels come from requests; of the scheduler counts only whether it leaves them as they are, as those
    /// of
    /// distilled models do.
    private void scheduler(ObjectNode official, List<String> problems) {
        official.put("_class_name", "RectifiedFlowScheduler");
        Path file = path.resolve(SCHEDULER);
        if (Files.isRegularFile(file)) {
            JsonNode scheduler = JsonFile.read(file);
            boolean shifts = scheduler.path("use_dynamic_shifting").asBoolean();
            boolean ends = !scheduler.path("shift_terminal").isMissingNode()
                    && !scheduler.path("shift_terminal").isNull();
            official.put("distilled", !shifts && !ends);
        } else {
            problems.add("has no " + SCHEDULER);
        }
    }

    /// The folder does not say its version; what it has tells the generation: `2.3-diffusers`, or
    /// `2.3-diffusers-distilled`.
    private static String version(ObjectNode config, JsonNode index) {
        JsonNode transformer = config.path("transformer");
        boolean fourthGemma = index.path(TEXT_ENCODER).path(1).asText().startsWith("Gemma4");
        String generation = transformer.path("cross_attention_adaln").asBoolean() ? "2.3" : "2.0";
        if (fourthGemma || transformer.path("use_keyframes_abs_pos_embedding").asBoolean()) {
            generation = "2.5";
        }
        return generation + "-diffusers"
                + (config.path("scheduler").path("distilled").asBoolean() ? "-distilled" : "");
    }

    private void refuse(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new CheckpointException(path.toString(), problems);
        }
    }
}
