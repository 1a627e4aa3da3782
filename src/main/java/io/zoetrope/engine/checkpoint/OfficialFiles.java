package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.Checkpoint.Part;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Safetensors files with official names: one with all networks, shards of one, or a file for each network.
///
/// Which networks a file holds is told by its tensors. Two files may share a network, as shards do, but not a tensor;
/// only a file of its own for the video autoencoder takes precedence over the one in a file with other networks. The
/// configuration of a network comes from the file with its weights; if that has none, from any that has it, the
/// transformer's first.
///
/// @param path  the folder, or the one file
/// @param files in alphabetical order
public record OfficialFiles(Path path, List<Path> files) implements ModelLayout {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONFIG = "config";

    /// An opened file and the networks that are taken from it.
    private record Content(SafetensorsFile file, Set<Component> components) {

        static Content of(SafetensorsFile file) {
            Set<Component> components = EnumSet.noneOf(Component.class);
            file.entries().keySet().stream()
                    .map(Content.naming(file)::official)
                    .flatMap(name -> Component.of(name).stream())
                    .forEach(components::add);
            return new Content(file, components);
        }

        /// The official names of a file's tensors: a video autoencoder's may lack their prefix.
        static Naming naming(SafetensorsFile file) {
            return FilePurpose.isBareVideoAutoencoder(file)
                    ? name -> Component.VIDEO_VAE.prefix() + name
                    : name -> name;
        }

        boolean isVideoAutoencoderAlone() {
            return components.equals(EnumSet.of(Component.VIDEO_VAE));
        }

        Content withoutVideoAutoencoder() {
            Set<Component> others = EnumSet.copyOf(components);
            others.remove(Component.VIDEO_VAE);
            return new Content(file, others);
        }

        Part part() {
            Naming naming = naming(file);
            return new Part(
                    file,
                    name -> Optional.of(naming.official(name))
                            .filter(official -> Component.of(official)
                                    .filter(components::contains)
                                    .isPresent()));
        }

        JsonNode config() {
            String text = file.metadata().get(CONFIG);
            return text == null
                    ? JSON.createObjectNode()
                    : Checkpoint.config(file.path().toString(), text);
        }

        boolean isDescribedBy(String section) {
            return components.stream().anyMatch(component -> component.isDescribedBy(section));
        }
    }

    private interface Naming {
        String official(String name);
    }

    public OfficialFiles {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("no files in " + path);
        }
        files = files.stream().sorted().toList();
    }

    @Override
    public Checkpoint open() {
        return SafetensorsFile.withAll(files, opened -> opened.size() == 1 ? single(opened.getFirst()) : union(opened));
    }

    /// All tensors of the file, also those that no network here has.
    private static Checkpoint single(SafetensorsFile file) {
        Naming naming = Content.naming(file);
        return Checkpoint.of(
                file.path().toString(),
                List.of(new Part(file, name -> Optional.of(naming.official(name)))),
                file.metadata());
    }

    private static Checkpoint union(List<SafetensorsFile> files) {
        List<Content> all = files.stream().map(Content::of).toList();
        boolean own = all.stream().anyMatch(Content::isVideoAutoencoderAlone);
        List<Content> contents = all.stream()
                .map(content -> own && !content.isVideoAutoencoderAlone() ? content.withoutVideoAutoencoder() : content)
                .sorted(Comparator.comparing(
                        content -> !content.components().contains(Component.TRANSFORMER))) // its metadata lead
                .toList();
        String subject = "%s and %d more files".formatted(contents.getFirst().file(), contents.size() - 1);
        return Checkpoint.of(subject, contents.stream().map(Content::part).toList(), metadata(contents));
    }

    private static Map<String, String> metadata(List<Content> contents) {
        Map<String, String> merged = new LinkedHashMap<>();
        contents.forEach(content -> content.file().metadata().forEach(merged::putIfAbsent));
        if (merged.containsKey(CONFIG)) {
            merged.put(CONFIG, config(contents).toString());
        }
        return merged;
    }

    private static ObjectNode config(List<Content> contents) {
        Map<Content, JsonNode> configs = new LinkedHashMap<>();
        contents.forEach(content -> configs.put(content, content.config()));
        ObjectNode merged = JSON.createObjectNode();
        configs.values().stream()
                .flatMap(OfficialFiles::sections)
                .distinct()
                .forEach(section -> configs.entrySet().stream()
                        .filter(entry -> entry.getValue().has(section))
                        .min(Comparator.comparing(entry -> !entry.getKey().isDescribedBy(section)))
                        .ifPresent(entry -> merged.set(section, entry.getValue().get(section))));
        return merged;
    }

    private static Stream<String> sections(JsonNode config) {
        return config.properties().stream().map(Map.Entry::getKey);
    }
}
