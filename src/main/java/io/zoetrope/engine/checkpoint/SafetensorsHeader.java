package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.zoetrope.engine.checkpoint.SafetensorsFile.Entry;
import io.zoetrope.engine.tensor.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the header of a safetensors file says. It is read entry by entry, so that a hostile one takes little memory,
/// and every tensor must have a known type, lie inside the file, overlap no other and have as many bytes as its shape
/// says.
///
/// @param metadata free-form strings; empty if there are none
/// @param entries  all tensors by name, in the order of the header
record SafetensorsHeader(Map<String, String> metadata, Map<String, Entry> entries) {

    private static final String METADATA = "__metadata__";
    private static final int MOST_TENSORS = 1_000_000;
    private static final int MOST_AXES = 64;
    private static final int LISTED_PROBLEMS = 20;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /// @param dataStart where the tensors' bytes begin in the file
    /// @throws CheckpointException listing what is wrong with it
    static SafetensorsHeader read(Path path, byte[] json, long dataStart, long fileSize) {
        Map<String, String> metadata = new LinkedHashMap<>();
        Map<String, Entry> entries = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new CheckpointException(path.toString(), "header is not a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME && problems.size() < LISTED_PROBLEMS) {
                String name = parser.currentName();
                parser.nextToken();
                JsonNode node = parser.readValueAsTree();
                try {
                    if (name.equals(METADATA)) {
                        metadata.putAll(strings(node));
                    } else {
                        entries.put(name, entry(node, dataStart, fileSize));
                    }
                } catch (IllegalArgumentException e) {
                    problems.add(name + ": " + e.getMessage());
                }
                if (entries.size() > MOST_TENSORS) {
                    throw new CheckpointException(path.toString(), "has more than %d tensors".formatted(MOST_TENSORS));
                }
            }
            if (problems.isEmpty() && parser.nextToken() != null) {
                throw new CheckpointException(path.toString(), "header goes on after its JSON object");
            }
        } catch (JsonProcessingException e) {
            throw new CheckpointException(path.toString(), "header is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException(path.toString(), "header cannot be read: " + e.getMessage(), e);
        }
        problems.addAll(overlaps(entries));
        if (!problems.isEmpty()) {
            throw new CheckpointException(path.toString(), problems);
        }
        return new SafetensorsHeader(Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(entries));
    }

    private static Map<String, String> strings(JsonNode node) {
        if (!node.isObject()) {
            throw new IllegalArgumentException("is not a JSON object");
        }
        Map<String, String> strings = new LinkedHashMap<>();
        node.properties().forEach(field -> {
            if (!field.getValue().isTextual()) {
                throw new IllegalArgumentException("%s is %s, expected a string"
                        .formatted(field.getKey(), field.getValue().getNodeType()));
            }
            strings.put(field.getKey(), field.getValue().textValue());
        });
        return strings;
    }

    private static Entry entry(JsonNode node, long dataStart, long fileSize) {
        DataType type = DataType.ofCode(node.path("dtype").asText());
        List<Long> shape = longs(node.path("shape"), "shape");
        List<Long> offsets = longs(node.path("data_offsets"), "data_offsets");
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > fileSize - dataStart) {
            throw new IllegalArgumentException(
                    "bytes %s of %d, the file is damaged or cut off".formatted(offsets, fileSize - dataStart));
        }
        long expected = bytes(type, shape);
        long found = offsets.get(1) - offsets.get(0);
        if (expected != found) {
            throw new IllegalArgumentException(
                    "%d bytes, expected %d for %s %s".formatted(found, expected, type, shape));
        }
        return new Entry(type, shape, dataStart + offsets.get(0), dataStart + offsets.get(1));
    }

    /// The lengths of an empty tensor's other axes must not overflow either: strides are made of them.
    private static long bytes(DataType type, List<Long> shape) {
        if (shape.size() > MOST_AXES) {
            throw new IllegalArgumentException("%d axes, expected at most %d".formatted(shape.size(), MOST_AXES));
        }
        try {
            long bytes = type.bytes();
            for (long length : shape) {
                bytes = Math.multiplyExact(bytes, Math.max(1, length));
            }
            return shape.contains(0L) ? 0 : bytes;
        } catch (ArithmeticException _) {
            throw new IllegalArgumentException("shape %s is too large".formatted(shape));
        }
    }

    private static List<Long> longs(JsonNode node, String name) {
        if (!node.isArray()) {
            throw new IllegalArgumentException("has no " + name);
        }
        List<Long> values = new ArrayList<>();
        for (JsonNode value : node) {
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
                throw new IllegalArgumentException(
                        "%s has %s, expected whole numbers from 0 on".formatted(name, value));
            }
            values.add(value.asLong());
        }
        return List.copyOf(values);
    }

    private static List<String> overlaps(Map<String, Entry> entries) {
        List<Map.Entry<String, Entry>> byPlace = entries.entrySet().stream()
                .filter(entry -> entry.getValue().end() > entry.getValue().begin())
                .sorted(Comparator.comparingLong(entry -> entry.getValue().begin()))
                .toList();
        List<String> problems = new ArrayList<>();
        for (int i = 1; i < byPlace.size() && problems.size() < LISTED_PROBLEMS; i++) {
            if (byPlace.get(i).getValue().begin()
                    < byPlace.get(i - 1).getValue().end()) {
                problems.add("%s overlaps %s"
                        .formatted(byPlace.get(i).getKey(), byPlace.get(i - 1).getKey()));
            }
        }
        return problems;
    }
}
