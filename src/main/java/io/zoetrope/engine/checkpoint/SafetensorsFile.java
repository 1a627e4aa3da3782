package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// One safetensors file, mapped into memory: 8 bytes of little-endian header length, a JSON header, raw tensor
/// bytes.
///
/// The header comes from strangers and is checked before anything is used: its length, and that every tensor
/// has a known type, lies inside the file, overlaps no other and has as many bytes as its shape says.
public final class SafetensorsFile implements AutoCloseable {

    /// A tensor's place in the file.
    ///
    /// @param shape of the tensor, `[]` for a scalar
    /// @param begin first byte, counted from the start of the file
    /// @param end   one past the last byte
    public record Entry(DataType type, List<Long> shape, long begin, long end) {

        long[] dimensions() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }
    }

    private static final int LENGTH_BYTES = 8;
    private static final long LONGEST_HEADER = 100_000_000;
    private static final String METADATA = "__metadata__";
    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path path;
    private final Arena arena;
    private final MemorySegment bytes;
    private final Map<String, String> metadata;
    private final Map<String, Entry> entries;

    private SafetensorsFile(
            Path path, Arena arena, MemorySegment bytes, Map<String, String> metadata, Map<String, Entry> entries) {
        this.path = path;
        this.arena = arena;
        this.bytes = bytes;
        this.metadata = metadata;
        this.entries = entries;
    }

    /// Maps and checks a file.
    ///
    /// @throws CheckpointException if it is missing, unreadable or damaged
    public static SafetensorsFile open(Path path) {
        return open(path, Arena.ofShared(), arena -> map(path, arena));
    }

    /// Checks the bytes of a file that is not on a disk, and copies them.
    ///
    /// @param name to name it in messages
    /// @throws CheckpointException if it is damaged
    public static SafetensorsFile of(Path name, byte[] content) {
        return open(name, Arena.ofShared(), arena -> {
            if (content.length < LENGTH_BYTES) {
                throw new CheckpointException(
                        name.toString(), "has %d bytes, too few for a safetensors file".formatted(content.length));
            }
            MemorySegment copy = arena.allocate(content.length, Long.BYTES);
            return copy.copyFrom(MemorySegment.ofArray(content));
        });
    }

    private static SafetensorsFile open(Path path, Arena arena, Function<Arena, MemorySegment> source) {
        try {
            MemorySegment bytes = source.apply(arena);
            JsonNode header = header(path, bytes);
            long dataStart = LENGTH_BYTES + bytes.get(LITTLE_ENDIAN_LONG, 0);
            return new SafetensorsFile(
                    path, arena, bytes, metadata(path, header), entries(path, header, dataStart, bytes.byteSize()));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    public Path path() {
        return path;
    }

    /// The free-form strings of the header; empty if it has none.
    public Map<String, String> metadata() {
        return metadata;
    }

    /// All tensors by name, in the order of the header.
    public Map<String, Entry> entries() {
        return entries;
    }

    /// A view of a tensor's bytes, valid until this file is closed. Read-only: writing to it ends the process.
    public Tensor tensor(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new CheckpointException(path.toString(), "has no tensor " + name);
        }
        MemorySegment slice = bytes.asSlice(entry.begin(), entry.end() - entry.begin());
        if (slice.byteSize() > 0 && slice.address() % entry.type().bytes() != 0) {
            // LibTorch's kernels read whole elements; an unaligned tensor gets aligned memory of its own.
            MemorySegment aligned =
                    arena.allocate(slice.byteSize(), entry.type().bytes());
            slice = aligned.copyFrom(slice);
        }
        return Tensor.view(slice, entry.type(), entry.dimensions());
    }

    /// Unmaps the file. Tensors that view it must not be used any more.
    @Override
    public void close() {
        arena.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }

    private static MemorySegment map(Path path, Arena arena) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (Files.isDirectory(path)) {
                throw new CheckpointException(path.toString(), "is a folder, expected a safetensors file");
            }
            if (channel.size() < LENGTH_BYTES) {
                throw new CheckpointException(
                        path.toString(), "has %d bytes, too few for a safetensors file".formatted(channel.size()));
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (NoSuchFileException e) {
            throw new CheckpointException(path.toString(), "does not exist", e);
        } catch (IOException e) {
            throw new CheckpointException(path.toString(), "cannot be read (" + e.getMessage() + ")", e);
        }
    }

    private static JsonNode header(Path path, MemorySegment bytes) {
        long length = bytes.get(LITTLE_ENDIAN_LONG, 0);
        if (length < 2 || length > LONGEST_HEADER || length > bytes.byteSize() - LENGTH_BYTES) {
            throw new CheckpointException(
                    path.toString(),
                    "header of %s bytes in a file of %d: not a safetensors file, or cut off"
                            .formatted(Long.toUnsignedString(length), bytes.byteSize()));
        }
        byte[] text = bytes.asSlice(LENGTH_BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        try {
            JsonNode header = JSON.readTree(new String(text, StandardCharsets.UTF_8));
            if (header == null || !header.isObject()) {
                throw new CheckpointException(path.toString(), "header is not a JSON object");
            }
            return header;
        } catch (JsonProcessingException e) {
            throw new CheckpointException(path.toString(), "header is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static Map<String, String> metadata(Path path, JsonNode header) {
        Map<String, String> metadata = new LinkedHashMap<>();
        JsonNode node = header.path(METADATA);
        if (!node.isMissingNode() && !node.isObject()) {
            throw new CheckpointException(path.toString(), METADATA + " is not a JSON object");
        }
        node.properties()
                .forEach(field -> metadata.put(field.getKey(), field.getValue().asText()));
        return Collections.unmodifiableMap(metadata);
    }

    private static Map<String, Entry> entries(Path path, JsonNode header, long dataStart, long fileSize) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        header.properties().forEach(field -> {
            if (!field.getKey().equals(METADATA)) {
                try {
                    entries.put(field.getKey(), entry(field.getValue(), dataStart, fileSize));
                } catch (IllegalArgumentException e) {
                    problems.add(field.getKey() + ": " + e.getMessage());
                }
            }
        });
        problems.addAll(overlaps(entries));
        if (!problems.isEmpty()) {
            throw new CheckpointException(path.toString(), problems);
        }
        return Collections.unmodifiableMap(entries);
    }

    private static Entry entry(JsonNode node, long dataStart, long fileSize) {
        DataType type = DataType.ofCode(node.path("dtype").asText());
        List<Long> shape = longs(node.path("shape"), "shape");
        List<Long> offsets = longs(node.path("data_offsets"), "data_offsets");
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > fileSize - dataStart) {
            throw new IllegalArgumentException(
                    "bytes %s of %d, the file is damaged or cut off".formatted(offsets, fileSize - dataStart));
        }
        long expected = type.bytes();
        try {
            for (long length : shape) {
                expected = Math.multiplyExact(expected, length);
            }
        } catch (ArithmeticException _) {
            throw new IllegalArgumentException("shape %s is too large".formatted(shape));
        }
        long found = offsets.get(1) - offsets.get(0);
        if (expected != found) {
            throw new IllegalArgumentException(
                    "%d bytes, expected %d for %s %s".formatted(found, expected, type, shape));
        }
        return new Entry(type, shape, dataStart + offsets.get(0), dataStart + offsets.get(1));
    }

    private static List<Long> longs(JsonNode node, String name) {
        if (!node.isArray()) {
            throw new IllegalArgumentException("has no " + name);
        }
        List<Long> values = new ArrayList<>();
        for (JsonNode value : node) {
            if (!value.canConvertToLong() || !value.isIntegralNumber() || value.asLong() < 0) {
                throw new IllegalArgumentException("%s %s, expected whole numbers from 0 on".formatted(name, node));
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
        for (int i = 1; i < byPlace.size(); i++) {
            if (byPlace.get(i).getValue().begin()
                    < byPlace.get(i - 1).getValue().end()) {
                problems.add("%s overlaps %s"
                        .formatted(byPlace.get(i).getKey(), byPlace.get(i - 1).getKey()));
            }
        }
        return problems;
    }
}
