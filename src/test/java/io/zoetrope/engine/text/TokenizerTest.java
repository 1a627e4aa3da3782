package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.util.Utils;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {

    private static final Path FILE = Path.of("src/test/resources/golden/tokenizer/tokenizer.json");
    private static final String PROMPT = "A red fox runs across fresh snow.";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            ints = {
                0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x2007, 0x200A,
                0x2028, 0x2029, 0x202F, 0x205F, 0x3000
            })
    void whiteSpaceAtTheEndsDoesNotCount(int space) {
        String padding = Character.toString(space).repeat(2);
        try (Tokenizer tokenizer = Tokenizer.open(FILE)) {
            assertArrayEquals(tokenizer.encode(PROMPT), tokenizer.encode(padding + PROMPT + padding));
            assertArrayEquals(new long[] {Tokenizer.BEGIN}, tokenizer.encode(padding));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x08, 0x0E, 0x1B, 0x7F, 0x180E, 0x200B, 0x2060, 0xFEFF})
    void whatIsNoWhiteSpaceIsKept(int character) {
        try (Tokenizer tokenizer = Tokenizer.open(FILE)) {
            assertTrue(tokenizer.count(Character.toString(character) + PROMPT) > tokenizer.count(PROMPT));
        }
    }

    @Test
    void aPromptBeginsOnceEvenIfTheFileDoesNotSayHow() throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode silent = (ObjectNode) json.readTree(FILE.toFile());
        silent.putNull("post_processor");
        Path file = Files.writeString(folder.resolve("tokenizer.json"), json.writeValueAsString(silent));
        try (Tokenizer tokenizer = Tokenizer.open(FILE);
                Tokenizer withoutBeginning = Tokenizer.open(file)) {
            for (String prompt : List.of("", PROMPT)) {
                assertArrayEquals(tokenizer.encode(prompt), withoutBeginning.encode(prompt));
            }
        }
    }

    @Test
    void longPromptsAreNeverCutUnlessAsked() {
        try (Tokenizer tokenizer = Tokenizer.open(FILE)) {
            String prompt = "word ".repeat(20_000);
            assertTrue(tokenizer.count(prompt) > 20_000);
            assertEquals(16, tokenizer.encodeCut(prompt, 16).length);
            assertEquals(Tokenizer.BEGIN, tokenizer.encodeCut(prompt, 16)[0]);
        }
    }

    @Test
    void halfASurrogatePairIsReadAsReplacementCharacters() {
        try (Tokenizer tokenizer = Tokenizer.open(FILE)) {
            String replacement = Character.toString(0xFFFD).repeat(3); // one for each byte that is no UTF-8
            assertArrayEquals(tokenizer.encode("a" + replacement + "b"), tokenizer.encode("a" + (char) 0xD83E + "b"));
        }
    }

    @Test
    void threadsMayShareOne() throws Exception {
        try (Tokenizer tokenizer = Tokenizer.open(FILE);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            long[] expected = tokenizer.encode(PROMPT);
            List<Future<long[]>> results = IntStream.range(0, 400)
                    .mapToObj(_ -> threads.submit(() -> tokenizer.encode(PROMPT)))
                    .toList();
            for (Future<long[]> result : results) {
                assertArrayEquals(expected, result.get());
            }
        }
    }

    @Test
    void aClosedTokenizerRefusesWork() {
        Tokenizer tokenizer = Tokenizer.open(FILE);
        tokenizer.close();
        tokenizer.close();
        assertThrows(IllegalStateException.class, () -> tokenizer.count(PROMPT));
    }

    @Test
    void aMissingOrDamagedFileIsRefusedByName() throws IOException {
        Path damaged = Files.writeString(folder.resolve("damaged.json"), "{\"model\": 3}");
        for (Path file : List.of(folder.resolve("absent.json"), folder, damaged)) {
            CheckpointException refused = assertThrows(CheckpointException.class, () -> Tokenizer.open(file));
            assertTrue(refused.getMessage().startsWith(file.toString()), refused.getMessage());
        }
    }

    @Test
    void theLibraryBehindItAsksNobody() {
        try (Tokenizer _ = Tokenizer.open(FILE)) {
            assertTrue(Utils.isOfflineMode());
        }
    }

    @Test
    void aTextIsEncodedAsItStandsAndDecodedWithoutSpecialTokens() {
        String text = "\n<start_of_turn>user\n A  fox 🦊 runs \u00A0\n";
        try (Tokenizer tokenizer = Tokenizer.open(FILE)) {
            long[] ids = tokenizer.encodeExactly(text);
            assertEquals(18, ids[0]); // the line break, which encode() strips
            assertEquals(16, ids[1]);
            assertEquals(text.replace("<start_of_turn>", ""), tokenizer.decode(ids));
            assertEquals("", tokenizer.decode());
            assertEquals("", tokenizer.decode(0, 1, 2, 16, 17, 999_999));
        }
    }

    @Test
    void tokensAreFoundByTheirNames() {
        try (Tokenizer tokenizer = Tokenizer.open(FILE)) {
            assertEquals(OptionalLong.of(17), tokenizer.id("<end_of_turn>"));
            assertEquals(OptionalLong.of(1), tokenizer.id("<eos>"));
            assertEquals(OptionalLong.empty(), tokenizer.id("<end_of_turns>"));
            assertEquals(OptionalLong.empty(), tokenizer.id(""));
        }
    }

    @Test
    void paddingStandsInFront() {
        try (TensorScope _ = TensorScope.open()) {
            PaddedPrompt row = PaddedPrompt.of(new long[] {2, 7, 9}, 5);
            assertArrayEquals(new long[] {0, 0, 2, 7, 9}, row.ids().toLongArray());
            assertArrayEquals(new long[] {0, 0, 1, 1, 1}, row.mask().toLongArray());
            assertThrows(IllegalArgumentException.class, () -> PaddedPrompt.of(new long[] {2, 7, 9}, 2));
        }
    }
}
