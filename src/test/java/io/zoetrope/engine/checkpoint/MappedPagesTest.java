package io.zoetrope.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Which parts of a file are a network's weights, and that they come and go.
class MappedPagesTest {

    private static final long MATRIX_BYTES = 4L << 20;
    private static final int SIDE = 1024;

    private final TensorArena arena = new TensorArena();
    private Path folder; // below target: the system's temporary folder may lie in memory
    private Path file;
    private Checkpoint checkpoint;

    @BeforeEach
    void write() throws IOException {
        folder = Files.createTempDirectory(Path.of("target"), "mapped");
        file = folder.resolve("two.safetensors");
        try (TensorScope _ = TensorScope.open();
                OutputStream out = Files.newOutputStream(file)) {
            Tensor matrix = Tensor.ones(DataType.FLOAT32, Device.CPU, SIDE, SIDE);
            SafetensorsWriter.write(
                    out,
                    Map.of("net.weight", matrix, "net.bias", matrix.select(0, 0), "other.weight", matrix),
                    Map.of());
        }
        try (FileChannel written = FileChannel.open(file, StandardOpenOption.WRITE)) {
            written.force(true); // what is not on the disk yet cannot be let go
        }
        checkpoint = arena.own(Checkpoint.open(List.of(file)));
    }

    @AfterEach
    void delete() throws IOException {
        arena.close();
        Files.delete(file);
        Files.delete(folder);
    }

    @Test
    void weightsInTheTypeOfTheFileAreItsPages() {
        Weights net = built(DataType.FLOAT32);
        assertEquals(MATRIX_BYTES + SIDE * Float.BYTES, net.mapped().bytes());
        assertEquals(
                MATRIX_BYTES + SIDE * Float.BYTES,
                MappedPages.of(checkpoint, "net.").bytes());
    }

    @Test
    void convertedWeightsAreNot() {
        assertEquals(0, built(DataType.BFLOAT16).mapped().bytes());
    }

    @Test
    void replacedWeightsAreNot() {
        Weights root = Weights.of(checkpoint, Device.CPU, DataType.FLOAT32, arena);
        built(root);
        try (TensorScope _ = TensorScope.open();
                TensorArena own = new TensorArena()) {
            Tensor fused = own.own(checkpoint.tensor("net.weight").plus(1));
            Weights variant = root.overlaid(Map.of("net", new LinearWeight.Plain(fused)), own);
            assertEquals(SIDE * Float.BYTES, built(variant).mapped().bytes());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatWasLetGoIsReadAgain() {
        MappedPages pages = MappedPages.of(checkpoint, "other.");
        pages.load();
        assertTrue(checkpoint.mapped("other.weight").orElseThrow().isLoaded());
        pages.letGo();
        assertFalse(checkpoint.mapped("other.weight").orElseThrow().isLoaded());
        try (TensorScope _ = TensorScope.open()) {
            assertEquals(
                    (double) SIDE * SIDE,
                    checkpoint.tensor("other.weight").sum().item());
        }
        pages.load();
        assertTrue(checkpoint.mapped("other.weight").orElseThrow().isLoaded());
    }

    @Test
    void noPagesAreNothingToDo() {
        MappedPages none = MappedPages.of(checkpoint, "absent.");
        none.load();
        none.letGo();
        assertEquals(0, none.bytes());
    }

    private Weights built(DataType type) {
        return built(Weights.of(checkpoint, Device.CPU, type, arena));
    }

    private static Weights built(Weights root) {
        Weights net = root.under("net");
        net.linear(SIDE, SIDE);
        net.linearBias(SIDE);
        return net;
    }
}
