package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GemmaFolderTest {

    private static final String GEMMA = "{\"model_type\": \"gemma3\", \"text_config\": {\"num_hidden_layers\": 2}}";

    @TempDir
    Path folder;

    private Path home;

    @BeforeEach
    void aCompleteFolderInsideAnother() throws IOException {
        home = Files.createDirectories(folder.resolve("snapshots/main"));
        write("config.json", GEMMA);
        write("tokenizer.json", "{}");
        write("model-00001-of-00002.safetensors", "");
        write("model-00002-of-00002.safetensors", "");
        write("model.safetensors.index.json", "{}");
    }

    @Test
    void allPartsAreFoundInAFolderBelow() {
        GemmaFolder gemma = GemmaFolder.open(folder);
        assertEquals(3, gemma.config().states());
        assertEquals(Optional.empty(), gemma.version());
        assertEquals(home.resolve("tokenizer.json"), gemma.tokenizer());
        assertEquals(
                List.of(
                        home.resolve("model-00001-of-00002.safetensors"),
                        home.resolve("model-00002-of-00002.safetensors")),
                gemma.weights());
    }

    @Test
    void aLinkToTheFolderWillDo() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), home);
        assertEquals(2, GemmaFolder.open(link).weights().size());
    }

    @Test
    void otherNetworksMayLieBesideIt() throws IOException {
        Path pipeline = folder.resolve("pipeline");
        home = Files.createDirectories(pipeline.resolve("connectors"));
        write("config.json", "{\"_class_name\": \"Connectors\"}");
        write("diffusion_pytorch_model.safetensors", "");
        home = Files.createDirectories(pipeline.resolve("tokenizer"));
        write("tokenizer.json", "{}");
        home = Files.createDirectories(pipeline.resolve("text_encoder"));
        write("config.json", GEMMA);
        write("model.safetensors", "");

        GemmaFolder gemma = GemmaFolder.open(pipeline);
        assertEquals(List.of(home.resolve("model.safetensors")), gemma.weights());
        assertEquals(pipeline.resolve("tokenizer/tokenizer.json"), gemma.tokenizer());
    }

    @Test
    void everythingThatIsMissingIsNamedAtOnce() throws IOException {
        assertEquals(
                List.of("has no config.json", "has no tokenizer.json", "has no model*.safetensors"),
                refusal(Files.createDirectory(folder.resolve("empty"))).problems());
        Files.delete(home.resolve("tokenizer.json"));
        Files.delete(home.resolve("model-00001-of-00002.safetensors"));
        CheckpointException refused = refusal(folder);
        assertTrue(refused.getMessage().startsWith(folder.toString()), refused.getMessage());
        assertEquals(List.of("has no tokenizer.json", "has no model-00001-of-00002.safetensors"), refused.problems());
    }

    @Test
    void anotherModelsFolderIsRefusedWithItsName() throws IOException {
        write("config.json", "{\"model_type\": \"t5\"}");
        Files.delete(home.resolve("tokenizer.json"));
        assertEquals(
                List.of(
                        "its snapshots/main/config.json has the model_type 't5', expected gemma3",
                        "has no tokenizer.json"),
                refusal(folder).problems());
        write("config.json", "[");
        assertTrue(refusal(folder).getMessage().contains("config.json: is not JSON"));
    }

    @Test
    void whatIsNoFolderIsRefused() {
        for (Path path : List.of(folder.resolve("absent"), home.resolve("config.json"))) {
            assertTrue(refusal(path).getMessage().startsWith(path + ": is no folder"));
        }
    }

    private static CheckpointException refusal(Path path) {
        return assertThrows(CheckpointException.class, () -> GemmaFolder.open(path));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(home.resolve(name), text);
    }
}
