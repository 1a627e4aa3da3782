package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// Writes tensors in the safetensors format. The same tensors and metadata always give the same bytes.
public final class SafetensorsWriter {

    private static final int ALIGNMENT = 8;
    private static final long CHUNK = 1 << 20;
    private static final long LARGEST_VIEW = 1 << 30;
    private static final ObjectMapper JSON = new ObjectMapper();

    /// What a tensor looks like in a file.
    public record Layout(DataType type, List<Long> shape) {

        public Layout(DataType type, long... shape) {
            this(type, Arrays.stream(shape).boxed().toList());
        }

        long bytes() {
            return shape.stream().reduce((long) type.bytes(), (product, length) -> product * length);
        }
    }

    private SafetensorsWriter() {}

    /// The file's bytes in an array of at most 2 GiB. Copies each tensor once.
    public static byte[] toBytes(Map<String, Tensor> tensors, Map<String, String> metadata) {
        try (TensorScope _ = TensorScope.open()) {
            List<ByteBuffer> parts = parts(tensors, metadata);
            long size = parts.stream().mapToLong(ByteBuffer::remaining).sum();
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(size));
            parts.forEach(content::put);
            return content.array();
        }
    }

    /// The file's bytes in order, not copied: the header, in an array of its own, then views of the tensors' memory,
    /// which live as long as those and the scope of the caller.
    public static List<ByteBuffer> parts(Map<String, Tensor> tensors, Map<String, String> metadata) {
        SortedMap<String, Tensor> sorted = new TreeMap<>(tensors);
        List<ByteBuffer> parts = new ArrayList<>();
        parts.add(header(layouts(sorted), metadata));
        for (Tensor tensor : sorted.values()) {
            addViews(parts, tensor.to(Device.CPU).contiguous().memory(), LARGEST_VIEW);
        }
        return parts;
    }

    public static void write(OutputStream out, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        write(out, layouts(tensors), metadata, tensors::get);
    }

    /// Writes tensors that are made one after the other, so that the file may be larger than memory.
    ///
    /// @param content makes a tensor when it is its turn, in alphabetical order; it is freed then
    /// @throws IllegalArgumentException if a tensor is not of its layout; what was written of the file is of no use
    public static void write(
            OutputStream out,
            Map<String, Layout> layouts,
            Map<String, String> metadata,
            Function<String, Tensor> content)
            throws IOException {
        SortedMap<String, Layout> sorted = new TreeMap<>(layouts);
        WritableByteChannel channel = Channels.newChannel(out);
        channel.write(header(sorted, metadata));
        for (Map.Entry<String, Layout> named : sorted.entrySet()) {
            try (TensorScope _ = TensorScope.open()) {
                Tensor tensor = content.apply(named.getKey());
                requireLayout(named.getKey(), tensor, named.getValue());
                List<ByteBuffer> chunks = new ArrayList<>();
                addViews(chunks, tensor.to(Device.CPU).contiguous().memory(), CHUNK);
                for (ByteBuffer chunk : chunks) {
                    channel.write(chunk);
                }
            }
        }
    }

    private static void requireLayout(String name, Tensor tensor, Layout expected) {
        Layout layout = new Layout(tensor.type(), tensor.shape());
        if (!layout.equals(expected)) {
            throw new IllegalArgumentException("%s is %s, expected %s".formatted(name, layout, expected));
        }
    }

    private static SortedMap<String, Layout> layouts(Map<String, Tensor> tensors) {
        SortedMap<String, Layout> layouts = new TreeMap<>();
        tensors.forEach((name, tensor) -> layouts.put(name, new Layout(tensor.type(), tensor.shape())));
        return layouts;
    }

    private static void addViews(List<ByteBuffer> views, MemorySegment memory, long largest) {
        for (long begin = 0; begin < memory.byteSize(); begin += largest) {
            views.add(memory.asSlice(begin, Math.min(largest, memory.byteSize() - begin))
                    .asByteBuffer());
        }
    }

    private static ByteBuffer header(SortedMap<String, Layout> layouts, Map<String, String> metadata) {
        ObjectNode header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode node = header.putObject("__metadata__");
            new TreeMap<>(metadata).forEach(node::put);
        }
        long offset = 0;
        for (Map.Entry<String, Layout> named : layouts.entrySet()) {
            Layout layout = named.getValue();
            ObjectNode node = header.putObject(named.getKey());
            node.put("dtype", layout.type().code());
            var shape = node.putArray("shape");
            layout.shape().forEach(shape::add);
            node.putArray("data_offsets").add(offset).add(offset + layout.bytes());
            offset += layout.bytes();
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(padded).put(json);
        while (buffer.hasRemaining()) {
            buffer.put((byte) ' ');
        }
        return buffer.flip();
    }
}
