package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextEncoderTest {

    private static final Path MODEL = Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official");
    private static final Path GEMMA = MODEL.resolve("gemma");
    private static final String PROMPT = "two birds sing above a quiet river";

    @TempDir
    Path folder;

    @Test
    void theLayoutsAgreeInFloat32() {
        try (Checkpoint checkpoint = checkpoint();
                TextEncoder real = load(checkpoint, DataType.FLOAT32, PromptLayout.REAL_TOKENS);
                TextEncoder padded = load(checkpoint, DataType.FLOAT32, PromptLayout.PADDED);
                TensorScope _ = TensorScope.open()) {
            for (String prompt : List.of("", PROMPT)) {
                TextContext ours = real.encode(prompt);
                TextContext theirs = padded.encode(prompt);
                assertArrayEquals(new long[] {1, 1024, 48}, ours.video().shape());
                assertTrue(difference(ours.video(), theirs.video()) < 5e-5);
                assertTrue(difference(ours.audio(), theirs.audio()) < 5e-5);
            }
        }
    }

    @Test
    void bfloat16StaysNearFloat32InBothLayouts() {
        try (Checkpoint checkpoint = checkpoint();
                TextEncoder exact = load(checkpoint, DataType.FLOAT32, PromptLayout.PADDED);
                TensorScope _ = TensorScope.open()) {
            Tensor truth = exact.encode(PROMPT).video();
            for (PromptLayout layout : PromptLayout.values()) {
                try (TextEncoder rounded = load(checkpoint, DataType.BFLOAT16, layout)) {
                    Tensor video = rounded.encode(PROMPT).video();
                    assertEquals(DataType.BFLOAT16, video.type());
                    Tensor away = video.to(DataType.FLOAT32).minus(truth).absolute();
                    assertTrue(
                            away.mean(0, 1, 2).item() < 0.01,
                            layout + " " + away.mean(0, 1, 2).item());
                }
            }
        }
    }

    @Test
    void theUsualLayoutDependsOnTheType() {
        assertEquals(PromptLayout.REAL_TOKENS, PromptLayout.usualFor(DataType.FLOAT32));
        assertEquals(PromptLayout.PADDED, PromptLayout.usualFor(DataType.BFLOAT16));
    }

    @Test
    void aPromptThatIsTooLongIsRefusedWithItsLength() {
        try (Checkpoint checkpoint = checkpoint();
                TextEncoder encoder = load(checkpoint, DataType.FLOAT32, PromptLayout.REAL_TOKENS);
                TensorScope _ = TensorScope.open()) {
            String fitting = longest(encoder);
            assertEquals(1024, encoder.count(fitting));
            assertArrayEquals(
                    new long[] {1, 1024, 48}, encoder.encode(fitting).audio().shape());
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> encoder.encode(fitting + "x"));
            assertEquals("prompt of 1024 tokens, expected at most 1023", refused.getMessage());
        }
    }

    @Test
    void slotsThatDoNotHoldThePromptAreRefused() {
        try (Checkpoint checkpoint = checkpoint();
                TextEncoder encoder = load(checkpoint, DataType.FLOAT32, PromptLayout.REAL_TOKENS);
                TensorScope _ = TensorScope.open()) {
            for (int slots : new int[] {0, -128, 100, 129}) {
                assertThrows(IllegalArgumentException.class, () -> encoder.encode(new long[] {2}, slots));
            }
            assertThrows(IllegalArgumentException.class, () -> encoder.encode(new long[129], 128));
            assertArrayEquals(
                    new long[] {1, 128, 48},
                    encoder.encode(new long[128], 128).video().shape());
        }
    }

    @Test
    void tokensOfAnotherTokenizerAreRefused() {
        try (Checkpoint checkpoint = checkpoint();
                TextEncoder encoder = load(checkpoint, DataType.FLOAT32, PromptLayout.REAL_TOKENS)) {
            for (long id : new long[] {512, -1}) {
                IllegalArgumentException refused =
                        assertThrows(IllegalArgumentException.class, () -> encoder.encode(new long[] {2, id}, 128));
                assertTrue(refused.getMessage().startsWith("token " + id), refused.getMessage());
            }
        }
    }

    @Test
    void newerNamesOfTheTextModelsTensorsGiveTheSameContexts() throws IOException {
        copyGemma();
        try (Checkpoint older = Checkpoint.open(List.of(GEMMA.resolve("model.safetensors")));
                TensorScope _ = TensorScope.open()) {
            Map<String, Tensor> newer = new TreeMap<>();
            older.entries().keySet().stream()
                    .filter(key -> key.startsWith("language_model.model."))
                    .forEach(key -> newer.put(
                            key.replace("language_model.model.", "model.language_model."), older.tensor(key)));
            newer.put("model.vision_tower.weight", Tensor.scalar(1));
            Files.write(folder.resolve("model.safetensors"), SafetensorsWriter.toBytes(newer, Map.of()));
        }
        try (Checkpoint checkpoint = checkpoint();
                TextEncoder usual = load(checkpoint, DataType.FLOAT32, PromptLayout.REAL_TOKENS);
                TextEncoder renamed =
                        TextEncoder.load(checkpoint, GemmaFolder.open(folder), Device.CPU, DataType.FLOAT32);
                TensorScope _ = TensorScope.open()) {
            assertArrayEquals(
                    usual.encode(PROMPT).video().toFloatArray(),
                    renamed.encode(PROMPT).video().toFloatArray());
        }
    }

    @Test
    void aTextModelOfAnotherSizeIsRefused() throws IOException {
        copyGemma();
        rewriteConfig(config -> config.withObject("text_config").put("num_attention_heads", 8));
        try (Checkpoint checkpoint = checkpoint()) {
            CheckpointException refused = assertThrows(
                    CheckpointException.class,
                    () -> TextEncoder.load(checkpoint, GemmaFolder.open(folder), Device.CPU, DataType.FLOAT32));
            assertTrue(refused.getMessage().contains("is [64, 48], expected [128, 48]"), refused.getMessage());
        }
    }

    @ParameterizedTest(name = "model {0}, wants {1}, text model {2}")
    @CsvSource(nullValues = "-", delimiter = '|', textBlock = """
            2.0.0   | -  | -  | -
            2.3.rc1 | -  | 4  | -
            -       | -  | 4  | -
            2.4-rc2 | 7  | 7  | -
            2.4-rc2 | -  | -  | -
            2.3.0   | 7  | -  | needs version 7 of the text model
            2.5.0   | 7  | 8  | needs version 7 of the text model
            2.4-rc2 | -  | 8  | has no gemma_source_checkpoint
            3.0     | -  | 8  | has no gemma_source_checkpoint
            """)
    void checkpointAndTextModelMustBelongTogether(String model, String wanted, String found, String reason)
            throws IOException {
        copyGemma();
        if (found != null) {
            rewriteConfig(config -> config.put("gemma_version", found));
        }
        Map<String, String> metadata = new TreeMap<>();
        if (model != null) {
            metadata.put("model_version", model);
        }
        if (wanted != null) {
            metadata.put("gemma_source_checkpoint", "{\"gemma_version\": \"" + wanted + "\"}");
        }
        Path file = folder.resolve("checkpoint.safetensors");
        try (TensorScope _ = TensorScope.open()) {
            Files.write(file, SafetensorsWriter.toBytes(Map.of("a", Tensor.scalar(0)), metadata));
        }
        try (Checkpoint checkpoint = Checkpoint.open(List.of(file))) {
            GemmaFolder gemma = GemmaFolder.open(folder);
            if (reason == null) {
                GemmaPairing.require(checkpoint, gemma);
            } else {
                CheckpointException refused =
                        assertThrows(CheckpointException.class, () -> GemmaPairing.require(checkpoint, gemma));
                assertTrue(refused.getMessage().contains(reason), refused.getMessage());
            }
        }
    }

    private static Checkpoint checkpoint() {
        return Checkpoint.open(List.of(MODEL.resolve("tiny.safetensors")));
    }

    private static TextEncoder load(Checkpoint checkpoint, DataType type, PromptLayout layout) {
        return TextEncoder.load(checkpoint, GemmaFolder.open(GEMMA), Device.CPU, type, layout);
    }

    /// 1023 tokens of one letter each.
    private static String longest(TextEncoder encoder) {
        String prompt = "x".repeat(1023);
        assertEquals(1024, encoder.count(prompt), "the letter is expected to be a token of its own");
        return prompt;
    }

    private void copyGemma() throws IOException {
        for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.copy(GEMMA.resolve(name), folder.resolve(name));
            assertTrue(folder.resolve(name).toFile().setWritable(true));
        }
    }

    private void rewriteConfig(Consumer<ObjectNode> change) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) json.readTree(GEMMA.resolve("config.json").toFile());
        change.accept(config);
        Files.writeString(folder.resolve("config.json"), json.writeValueAsString(config));
    }

    private static double difference(Tensor ours, Tensor theirs) {
        return ours.minus(theirs).absolute().maximum(0, 1, 2).item();
    }
}
