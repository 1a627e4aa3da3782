package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The tensors of one or more safetensors files by their official names, with the configuration of the first file.
public final class Checkpoint implements AutoCloseable {

    /// A tensor that is there: in which file, under which name, and what it looks like.
    private record Place(SafetensorsFile file, String name, SafetensorsFile.Entry entry) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String subject;
    private final List<SafetensorsFile> files;
    private final SortedMap<String, Place> places;

    private Checkpoint(String subject, List<SafetensorsFile> files, SortedMap<String, Place> places) {
        this.subject = subject;
        this.files = files;
        this.places = places;
    }

    /// Opens the union of `paths`; the metadata is the first file's.
    ///
    /// @throws CheckpointException if a file is missing or damaged, or two of them hold the same tensor
    public static Checkpoint open(List<Path> paths) {
        List<SafetensorsFile> files = new ArrayList<>();
        try {
            paths.forEach(path -> files.add(SafetensorsFile.open(path)));
            return of(files, "");
        } catch (RuntimeException e) {
            files.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    /// The tensors of `files` whose names begin with `prefix`, without it. Takes the files over.
    public static Checkpoint of(List<SafetensorsFile> files, String prefix) {
        SortedMap<String, Place> places = new TreeMap<>();
        List<String> problems = new ArrayList<>();
        for (SafetensorsFile file : files) {
            file.entries().forEach((name, entry) -> {
                if (name.startsWith(prefix)) {
                    String official = name.substring(prefix.length());
                    if (places.put(official, new Place(file, name, entry)) != null) {
                        problems.add("%s is in more than one file".formatted(official));
                    }
                }
            });
        }
        String subject = files.getFirst().path().toString();
        if (!problems.isEmpty()) {
            throw new CheckpointException(subject, problems);
        }
        return new Checkpoint(subject, List.copyOf(files), places);
    }

    /// The first file's path, to name the checkpoint in messages.
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

    public Optional<SafetensorsFile.Entry> entry(String name) {
        return Optional.ofNullable(places.get(name)).map(Place::entry);
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
        return files.getFirst().metadata();
    }

    /// The configuration of the networks, from the header's `config` entry.
    ///
    /// @throws CheckpointException if there is none or it is not a JSON object
    public JsonNode config() {
        String text = metadata().get("config");
        if (text == null) {
            throw new CheckpointException(subject, "has no 'config' in its header: not an LTX-2 checkpoint");
        }
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
        files.forEach(SafetensorsFile::close);
    }

    @Override
    public String toString() {
        return subject;
    }
}
