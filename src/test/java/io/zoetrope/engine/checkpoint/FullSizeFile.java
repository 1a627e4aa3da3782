package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.tensor.DataType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.StreamSupport;

/// The keys and shapes of a published checkpoint, and a bfloat16 file of its size whose tensors are a hole on the
/// disk: mapped, never filled.
public final class FullSizeFile {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path KEYS = Path.of("src/test/resources/keys");
    private static final int LENGTH_BYTES = 8;
    private static final int ALIGNMENT = 8;

    private final Map<String, List<Long>> shapes;

    private FullSizeFile(Map<String, List<Long>> shapes) {
        this.shapes = shapes;
    }

    /// All parts of a list of keys, with `{i}` counted through the blocks.
    public static FullSizeFile of(String keys) throws IOException {
        Map<String, List<Long>> shapes = new TreeMap<>();
        for (JsonNode part : JSON.readTree(KEYS.resolve(keys).toFile()).get("parts")) {
            part.get("top").properties().forEach(entry -> shapes.put(entry.getKey(), longs(entry.getValue())));
            for (int block = 0; block < part.get("blocks").asInt(); block++) {
                String index = Integer.toString(block);
                part.get("per_block")
                        .properties()
                        .forEach(entry -> shapes.put(entry.getKey().replace("{i}", index), longs(entry.getValue())));
            }
        }
        return new FullSizeFile(shapes);
    }

    public Map<String, List<Long>> shapes() {
        return Collections.unmodifiableMap(shapes);
    }

    public FullSizeFile and(FullSizeFile other) {
        Map<String, List<Long>> both = new TreeMap<>(shapes);
        both.putAll(other.shapes);
        return new FullSizeFile(both);
    }

    public FullSizeFile only(Predicate<String> which) {
        Map<String, List<Long>> some = new TreeMap<>(shapes);
        some.keySet().removeIf(which.negate());
        return new FullSizeFile(some);
    }

    public FullSizeFile with(String key, Long... shape) {
        Map<String, List<Long>> changed = new TreeMap<>(shapes);
        changed.put(key, List.of(shape));
        return new FullSizeFile(changed);
    }

    public FullSizeFile without(String key) {
        Map<String, List<Long>> changed = new TreeMap<>(shapes);
        changed.remove(key);
        return new FullSizeFile(changed);
    }

    public FullSizeFile renamed(UnaryOperator<String> rule) {
        Map<String, List<Long>> changed = new TreeMap<>();
        shapes.forEach((key, shape) -> changed.put(rule.apply(key), shape));
        return new FullSizeFile(changed);
    }

    /// @return the number of elements of all tensors
    public long parameters() {
        return shapes.values().stream().mapToLong(FullSizeFile::count).sum();
    }

    /// Writes the header; the rest of the file is as long as it must be and empty.
    public Checkpoint open(Path path) throws IOException {
        write(path);
        return Checkpoint.open(List.of(path));
    }

    /// Writes the header; the rest of the file is as long as it must be and empty.
    public void write(Path path) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        long offset = 0;
        for (Map.Entry<String, List<Long>> named : shapes.entrySet()) {
            long end = offset + count(named.getValue()) * DataType.BFLOAT16.bytes();
            ObjectNode entry = header.putObject(named.getKey()).put("dtype", DataType.BFLOAT16.code());
            named.getValue().forEach(entry.withArray("shape")::add);
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        String text = JSON.writeValueAsString(header);
        // A tensor at an odd address could not be a view of the file: it would be read and copied.
        byte[] json = (text + " ".repeat(ALIGNMENT - text.length() % ALIGNMENT)).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer start = ByteBuffer.allocate(LENGTH_BYTES + json.length).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(json.length).put(json);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(start.array());
            file.setLength(start.capacity() + offset);
        }
    }

    private static List<Long> longs(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asLong)
                .toList();
    }

    private static long count(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
