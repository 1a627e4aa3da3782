package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// The tensors of one or more safetensors files by their official names, with the configuration of the networks.
public final class Checkpoint implements AutoCloseable {

    /// A tensor that is there: in which file, under which name, and what it looks like.
    private record Place(SafetensorsFile file, String name, SafetensorsFile.Entry entry) {}

    /// A file and how its tensors are called here: their official names, or none for those left out.
    record Part(SafetensorsFile file, Function<String, Optional<String>> official) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LISTED_COLLISIONS = 20;

    private final String subject;
    private final List<Part> parts;
    private final SortedMap<String, Place> places;
    private final Map<String, String> metadata;

    private Checkpoint(
            String subject, List<Part> parts, SortedMap<String, Place> places, Map<String, String> metadata) {
        this.subject = subject;
        this.parts = parts;
        this.places = places;
        this.metadata = metadata;
    }

    /// Opens the union of `paths`; the metadata is the first file's.
    ///
    /// @throws CheckpointException if a file is missing or damaged, or two of them hold the same tensor
    public static Checkpoint open(List<Path> paths) {
        return SafetensorsFile.withAll(paths, files -> of(files, ""));
    }

    /// The tensors of `files` whose names begin with `prefix`, without it. Takes the files over.
    public static Checkpoint of(List<SafetensorsFile> files, String prefix) {
        Function<String, Optional<String>> official =
                name -> name.startsWith(prefix) ? Optional.of(name.substring(prefix.length())) : Optional.empty();
        return of(
                files.getFirst().path().toString(),
                files.stream().map(file -> new Part(file, official)).toList(),
                files.getFirst().metadata());
    }

    /// The union of `parts`. Takes the files over.
    ///
    /// @param subject names the checkpoint in messages
    /// @throws CheckpointException if two parts hold the same tensor; names the component once, not all its tensors
    static Checkpoint of(String subject, List<Part> parts, Map<String, String> metadata) {
        SortedMap<String, Place> places = new TreeMap<>();
        Set<String> collisions = new LinkedHashSet<>();
        for (Part part : parts) {
            part.file()
                    .entries()
                    .forEach((name, entry) -> part.official().apply(name).ifPresent(official -> {
                        Place there = places.putIfAbsent(official, new Place(part.file(), name, entry));
                        if (there != null) {
                            collisions.add("%s is in both %s and %s"
                                    .formatted(
                                            Component.of(official)
                                                    .map(Component::label)
                                                    .orElse(official),
                                            there.file().path().getFileName(),
                                            part.file().path().getFileName()));
                        }
                    }));
        }
        if (!collisions.isEmpty()) {
            throw new CheckpointException(
                    subject, collisions.stream().limit(LISTED_COLLISIONS).toList());
        }
        return new Checkpoint(subject, List.copyOf(parts), places, Map.copyOf(metadata));
    }

    /// The path of the file or folder, to name the checkpoint in messages.
    public String subject() {
        return subject;
    }

    /// Every tensor with its type, shape and place.
    public Map<String, SafetensorsFile.Entry> entries() {
        SortedMap<String, SafetensorsFile.Entry> entries = new TreeMap<>();
        places.forEach((name, place) -> entries.put(name, place.entry()));
        return Collections.unmodifiableSortedMap(entries);
    }

    public boolean hasPrefix(String prefix) {
        SortedMap<String, Place> tail = places.tailMap(prefix);
        return !tail.isEmpty() && tail.firstKey().startsWith(prefix);
    }

    /// @throws CheckpointException naming every prefix that no tensor has
    public void requirePrefixes(List<String> prefixes) {
        List<String> missing = prefixes.stream()
                .filter(prefix -> !hasPrefix(prefix))
                .map("has no tensors under '%s'"::formatted)
                .toList();
        if (!missing.isEmpty()) {
            throw new CheckpointException(subject, missing);
        }
    }

    /// Refuses a checkpoint that needs what the engine does not have; closes it then.
    ///
    /// @throws CheckpointException naming all of [ModelNeeds]
    public Checkpoint requireSupported() {
        try {
            ModelNeeds.of(this).requireNone(this);
            return this;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    public Optional<SafetensorsFile.Entry> entry(String name) {
        return Optional.ofNullable(places.get(name)).map(Place::entry);
    }

    /// A tensor's part of its mapped file; empty if there is none.
    Optional<MemorySegment> mapped(String name) {
        Place place = places.get(name);
        return place == null ? Optional.empty() : place.file().mapped(place.name());
    }

    /// A view of the mapped tensor, valid until this checkpoint is closed.
    public Tensor tensor(String name) {
        Place place = places.get(name);
        if (place == null) {
            throw new CheckpointException(subject, "has no tensor " + name);
        }
        return place.file().tensor(place.name());
    }

    public Map<String, String> metadata() {
        return metadata;
    }

    /// The configuration of the networks, from the header's `config` entry.
    ///
    /// @throws CheckpointException if there is none or it is not a JSON object
    public JsonNode config() {
        String text = metadata().get("config");
        if (text == null) {
            throw new CheckpointException(subject, "has no 'config' in its header: not an LTX-2 checkpoint");
        }
        return config(subject, text);
    }

    /// @param text entry `config` of the header of `subject`
    static JsonNode config(String subject, String text) {
        try {
            JsonNode config = JSON.readTree(text);
            if (!config.isObject()) {
                throw new CheckpointException(subject, "'config' in its header is not a JSON object");
            }
            return config;
        } catch (JsonProcessingException e) {
            throw new CheckpointException(subject, "'config' in its header is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    @Override
    public void close() {
        parts.stream().map(Part::file).distinct().forEach(SafetensorsFile::close);
    }

    @Override
    public String toString() {
        return subject;
    }
}
