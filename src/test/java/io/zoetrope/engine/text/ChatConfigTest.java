package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.text.TokenChoice.Likely;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The tokenizer here knows `<eos>` as 1, `<start_of_turn>` as 5 and `<end_of_turn>` as 6.
class ChatConfigTest {

    private static final Path GEMMA = Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official/gemma");
    private static final Path DEMO = Path.of("models/demo/gemma");
    private static final String TURNS = "<start_of_turn>{{ role }} <end_of_turn>";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @BeforeEach
    void copy() throws IOException {
        for (String name : Set.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.copy(GEMMA.resolve(name), folder.resolve(name));
            assertTrue(folder.resolve(name).toFile().setWritable(true));
        }
    }

    @Test
    void theDemoModelTellsAll() {
        assertEquals(new ChatConfig(ChatTemplate.INSTRUCTION_TURN, Set.of(1L, 5L), new Likely(64, 0.95)), read(DEMO));
    }

    @Test
    void whatNoFileTellsIsAsInThePublishedModel() throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "gemma3", "text_config": {"hidden_size": 48}}""");
        assertEquals(new ChatConfig(ChatTemplate.INSTRUCTION_IN_USER_TURN, Set.of(6L), Likely.ALL), read(folder));
    }

    @Test
    void endsAreGatheredFromAllFiles() throws IOException {
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": 77, \"top_k\": 0}");
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": {\"content\": \"<mask>\"}}");
        assertEquals(Set.of(1L, 4L, 6L, 77L), read(folder).ends());
        assertEquals(Likely.ALL, read(folder).likely());
    }

    @ParameterizedTest
    @CsvSource({
        "chat_template.jinja, %s, INSTRUCTION_TURN",
        "chat_template.jinja, system %s, INSTRUCTION_IN_USER_TURN",
        "chat_template.jinja, no turns, PARAGRAPHS",
        "chat_template.json, '{\"chat_template\": \"%s\"}', INSTRUCTION_TURN",
        "tokenizer_config.json, '{\"chat_template\": \"%s\"}', INSTRUCTION_TURN",
        "tokenizer_config.json, '{\"chat_template\": [{\"template\": \"%s\"}, {\"template\": 3}]}', INSTRUCTION_TURN",
        "tokenizer_config.json, '{\"chat_template\": 3}', INSTRUCTION_IN_USER_TURN",
    })
    void theTemplateIsFoundWhereverItStands(String file, String content, ChatTemplate expected) throws IOException {
        Files.writeString(folder.resolve(file), content.replace("%s", TURNS));
        assertEquals(expected, read(folder).template());
    }

    @Test
    void aTokenizerWithoutTurnsHasParagraphs() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, Files.readString(file).replace("<end_of_turn>", "<unused0>"));
        assertEquals(ChatTemplate.PARAGRAPHS, read(folder).template());
        try (Tokenizer tokenizer = Tokenizer.open(file)) {
            assertEquals(ChatTemplate.PARAGRAPHS, ChatConfig.of(tokenizer).template());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"generation_config.json", "tokenizer_config.json", "chat_template.json"})
    void aDamagedFileIsRefusedByName(String name) throws IOException {
        Files.writeString(folder.resolve(name), "{\"top_k\": ");
        CheckpointException refused = assertThrows(CheckpointException.class, () -> read(folder));
        assertTrue(refused.getMessage().startsWith(folder.resolve(name).toString()), refused.getMessage());
    }

    @Test
    void anImpossibleProbabilityIsRefused() throws IOException {
        ObjectNode config = JSON.createObjectNode().put("top_p", 1.5);
        Files.writeString(folder.resolve("generation_config.json"), JSON.writeValueAsString(config));
        CheckpointException refused = assertThrows(CheckpointException.class, () -> read(folder));
        assertTrue(refused.getMessage().contains("top_p 1.5"), refused.getMessage());
    }

    @Test
    void conversationsAreLaidOutAsTheirTemplatesSay() {
        assertEquals("""
                <start_of_turn>user
                Be brief.

                Hello<end_of_turn>
                <start_of_turn>model
                """, ChatTemplate.INSTRUCTION_IN_USER_TURN.render("Be brief.", "Hello"));
        assertEquals("""
                <start_of_turn>system
                Be brief.<end_of_turn>
                <start_of_turn>user
                Hello<end_of_turn>
                <start_of_turn>model
                """, ChatTemplate.INSTRUCTION_TURN.render("Be brief.", "Hello"));
        assertEquals("Be brief.\n\nHello\n\nrewritten prompt:", ChatTemplate.PARAGRAPHS.render("Be brief.", "Hello"));
    }

    private static ChatConfig read(Path folder) {
        GemmaFolder gemma = GemmaFolder.open(folder);
        try (Tokenizer tokenizer = Tokenizer.open(gemma.tokenizer())) {
            return ChatConfig.read(gemma, tokenizer);
        }
    }
}
