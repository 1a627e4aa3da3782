package io.zoetrope.engine.checkpoint;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// One safetensors file, mapped into memory: 8 bytes of little-endian header length, a JSON header, raw tensor
/// bytes.
///
/// The header comes from strangers and is checked before anything is used: its length here, everything in it by
/// [SafetensorsHeader].
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
    private static final long SHORTEST_HEADER = 2;
    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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

    /// Checks the bytes of a file that is not on a disk, and copies them. Belongs to the thread that opens it: to free
    /// memory that all threads may see, Java stops each of them.
    ///
    /// @param name to name it in messages
    /// @throws CheckpointException if it is damaged
    public static SafetensorsFile of(Path name, byte[] content) {
        return open(name, Arena.ofConfined(), arena -> {
            if (content.length < LENGTH_BYTES) {
                throw new CheckpointException(
                        name.toString(), "has %d bytes, too few for a safetensors file".formatted(content.length));
            }
            MemorySegment copy = arena.allocate(content.length, Long.BYTES);
            return copy.copyFrom(MemorySegment.ofArray(content));
        });
    }

    /// Opens files that something takes over; closes them all if that fails.
    static <T> T withAll(List<Path> paths, Function<List<SafetensorsFile>, T> use) {
        List<SafetensorsFile> files = new ArrayList<>();
        try {
            paths.forEach(path -> files.add(open(path)));
            return use.apply(List.copyOf(files));
        } catch (RuntimeException e) {
            files.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    private static SafetensorsFile open(Path path, Arena arena, Function<Arena, MemorySegment> source) {
        try {
            MemorySegment bytes = source.apply(arena);
            SafetensorsHeader header = header(path, bytes);
            return new SafetensorsFile(path, arena, bytes, header.metadata(), header.entries());
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
        if (!arena.scope().isAlive()) { // LibTorch would read what is no longer mapped
            throw new IllegalStateException("%s is closed".formatted(path));
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

    /// A tensor's part of the mapped file; empty if there is no file below.
    Optional<MemorySegment> mapped(String name) {
        Entry entry = entries.get(name);
        return bytes.isMapped() && entry != null
                ? Optional.of(bytes.asSlice(entry.begin(), entry.end() - entry.begin()))
                : Optional.empty();
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

    private static SafetensorsHeader header(Path path, MemorySegment bytes) {
        long length = bytes.get(LITTLE_ENDIAN_LONG, 0);
        if (length < SHORTEST_HEADER || length > LONGEST_HEADER || length > bytes.byteSize() - LENGTH_BYTES) {
            throw new CheckpointException(
                    path.toString(),
                    "header of %s bytes in a file of %d: not a safetensors file, or cut off"
                            .formatted(Long.toUnsignedString(length), bytes.byteSize()));
        }
        byte[] json = bytes.asSlice(LENGTH_BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        return SafetensorsHeader.read(path, json, LENGTH_BYTES + length, bytes.byteSize());
    }
}
