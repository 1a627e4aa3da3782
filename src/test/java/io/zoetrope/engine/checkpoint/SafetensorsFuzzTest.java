package io.zoetrope.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files never end the process: each is refused with its name, or opens and can be read to its last tensor.
class SafetensorsFuzzTest {

    private static final int FILES = 200;
    private static final long SEED = 20_260_823;
    private static final int LENGTH_BYTES = 8;

    @TempDir
    Path folder;

    @Test
    void truncatedAndBitFlippedFilesAreRefusedOrRead() throws IOException {
        Random random = new Random(SEED);
        int refused = 0;
        int read = 0;
        for (int number = 0; number < FILES; number++) {
            byte[] intact = intact(random);
            byte[] damaged = number % 3 == 0 ? truncated(intact, random) : flipped(intact, number % 3 == 1, random);
            Path file = Files.write(folder.resolve("%d.safetensors".formatted(number)), damaged);
            try {
                readAll(file);
                read++;
            } catch (CheckpointException e) {
                assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
                refused++;
            }
        }
        assertTrue(
                refused > FILES / 2,
                "%d refused".formatted(refused)); // every truncated one, and most with flips in the header
        assertTrue(read > FILES / 4, "%d read".formatted(read)); // flips in numbers are not seen
    }

    /// What a generator of flips does not hit.
    @Test
    void hostileHeadersAreRefused() throws IOException {
        String deep = "[".repeat(100_000);
        String axes = "1,".repeat(1_000_000) + "1";
        for (String header : List.of(
                deep,
                "{\"a\":" + deep,
                "{\"a\":" + "{\"b\":".repeat(50_000),
                "{\"__metadata__\":{\"config\":" + deep,
                "{\"__metadata__\":{\"config\":{\"a\":1}}}",
                "{\"__metadata__\":[]}",
                entry("1" + "0".repeat(500), "[0,8]"),
                entry("-1", "[0,8]"),
                entry("1e3", "[0,8]"),
                entry("2.0", "[0,8]"),
                entry("NaN", "[0,8]"),
                entry("\"2\"", "[0,8]"),
                entry("null", "[0,8]"),
                entry(axes, "[0,4]"),
                entry("0,4611686018427387904,4611686018427387904", "[0,0]"),
                entry("4611686018427387904,4611686018427387904,0", "[0,0]"),
                entry("2", "[8,0]"),
                entry("2", "[0,9223372036854775807]"),
                entry("2", "[-8,0]"),
                entry("2", "[0]"),
                entry("2", "[0,4,8]"),
                entry("2", "\"0,8\""),
                "{\"a\":null}",
                "{\"a\":[]}",
                "{\"a\":7}",
                "{\"a\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{} {}",
                "{}garbage",
                "{",
                "  ",
                "\u0000\u0000",
                "{\"a\u0000b\":",
                "\"" + "x".repeat(1_000_000))) {
            Path file = write(header);
            CheckpointException refused = assertThrows(
                    CheckpointException.class, () -> readAll(file), header.substring(0, Math.min(60, header.length())));
            assertTrue(
                    refused.getMessage().length() < 20_000,
                    "a message of " + refused.getMessage().length());
        }
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 0, 1, 100_000_001, 1L << 40}) {
            byte[] bytes = ByteBuffer.allocate(64)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(length)
                    .array();
            Path file = Files.write(folder.resolve("length.safetensors"), bytes);
            assertThrows(CheckpointException.class, () -> readAll(file));
        }
    }

    private static String entry(String shape, String offsets) {
        return "{\"a\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":%s}}".formatted(shape, offsets);
    }

    private Path write(String header) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        return Files.write(folder.resolve("hostile.safetensors"), bytes.array());
    }

    /// A file with a few tensors of random types and shapes.
    private static byte[] intact(Random random) {
        try (TensorScope _ = TensorScope.open()) {
            Map<String, Tensor> tensors = new TreeMap<>();
            for (int tensor = 0; tensor <= random.nextInt(4); tensor++) {
                long[] shape = random.longs(random.nextInt(4), 0, 12).toArray();
                DataType type = DataType.values()[random.nextInt(DataType.values().length)];
                tensors.put("block.%d.weight".formatted(tensor), Tensor.zeros(type, Device.CPU, shape));
            }
            return SafetensorsWriter.toBytes(tensors, Map.of("config", "{}", "model_version", "2.0"));
        }
    }

    private static byte[] truncated(byte[] intact, Random random) {
        return Arrays.copyOf(intact, random.nextInt(intact.length));
    }

    /// One to eight bits, in the header and its length or in the tensors' bytes.
    private static byte[] flipped(byte[] intact, boolean inHeader, Random random) {
        byte[] flipped = intact.clone();
        int header = LENGTH_BYTES
                + ByteBuffer.wrap(intact).order(ByteOrder.LITTLE_ENDIAN).getInt();
        int begin = inHeader || header == intact.length ? 0 : header;
        int end = inHeader ? header : intact.length;
        int flips = random.nextInt(1, 9);
        for (int flip = 0; flip < flips; flip++) {
            flipped[random.nextInt(begin, end)] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }

    private static void readAll(Path path) {
        try (TensorScope _ = TensorScope.open();
                SafetensorsFile file = SafetensorsFile.open(path)) {
            FilePurpose.of(file);
            file.entries().forEach((name, entry) -> {
                Tensor tensor = file.tensor(name);
                assertTrue(tensor.bytes() == entry.end() - entry.begin(), name);
                tensor.copy();
            });
        }
    }
}
