package io.zoetrope.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {

    @TempDir
    Path folder;

    @Test
    void aClosedFileGivesNoTensors() {
        byte[] bytes;
        try (TensorScope _ = TensorScope.open()) {
            bytes = SafetensorsWriter.toBytes(Map.of("a", Tensor.of(new float[] {1, 2}, 2)), Map.of());
        }
        SafetensorsFile file = SafetensorsFile.of(Path.of("closed"), bytes);
        file.close();
        assertThrows(IllegalStateException.class, () -> file.tensor("a"));
    }

    @Test
    void whatWasWrittenIsReadBackAsAView() throws IOException {
        Path file = folder.resolve("a.safetensors");
        try (TensorScope _ = TensorScope.open()) {
            Tensor matrix = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
            Files.write(
                    file,
                    SafetensorsWriter.toBytes(Map.of("matrix", matrix, "one", Tensor.scalar(7)), Map.of("k", "v")));
            try (SafetensorsFile read = SafetensorsFile.open(file)) {
                assertEquals(Map.of("k", "v"), read.metadata());
                assertArrayEquals(matrix.toFloatArray(), read.tensor("matrix").toFloatArray());
                assertArrayEquals(new long[] {2, 3}, read.tensor("matrix").shape());
                assertEquals(7, read.tensor("one").item());
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            not JSON             | {"a":                                                            | not JSON
            not an object        | [1, 2]                                                           | not a JSON object
            beyond the end       | {"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}          | cut off
            wrong length         | {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}           | 8 bytes, expected 12
            unknown type         | {"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}            | data type Q4
            negative length      | {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}          | whole numbers
            overflowing shape    | {"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,8]}} | too large
            overlapping          | {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | overlaps
            twice the same name  | {"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}} | Duplicate
            """)
    void aDamagedHeaderIsRefusedWithTheFileAndTheReason(String name, String header, String reason) throws IOException {
        Path file = write(header, 8);
        CheckpointException refused = assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file));
        assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
        assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    }

    @Test
    void filesThatAreNoSafetensorsFilesAreRefused() throws IOException {
        Path shortFile = Files.write(folder.resolve("short"), new byte[3]);
        Path noise =
                Files.write(folder.resolve("noise"), "a picture, perhaps, or a text".getBytes(StandardCharsets.UTF_8));
        for (Path file : List.of(shortFile, noise, folder, folder.resolve("absent"))) {
            CheckpointException refused = assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file));
            assertTrue(refused.getMessage().startsWith(file.toString()), refused.getMessage());
        }
    }

    @Test
    void everyMissingAndMisshapenTensorIsListedInOneError() throws IOException {
        Path file = folder.resolve("w.safetensors");
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Files.write(
                    file,
                    SafetensorsWriter.toBytes(
                            Map.of("net.bias", Tensor.zeros(DataType.FLOAT32, Device.CPU, 3)), Map.of()));
            Checkpoint checkpoint = arena.own(Checkpoint.open(List.of(file)));
            Weights weights =
                    Weights.of(checkpoint, Device.CPU, DataType.FLOAT32, arena).under("net");
            weights.tensor("weight", 4, 2);
            weights.tensor("bias", 4);
            weights.tensor("scale", Tensor.ANY);
            CheckpointException refused = assertThrows(CheckpointException.class, () -> weights.finish("net"));
            assertEquals(
                    List.of(
                            "net.weight [4, 2] is missing",
                            "net.bias is [3], expected [4]",
                            "net.scale [*] is missing"),
                    refused.problems());
        }
    }

    private Path write(String header, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        return Files.write(folder.resolve("damaged.safetensors"), bytes.array());
    }
}
