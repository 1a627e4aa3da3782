package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TextContextCacheTest {

    private static final Path MODEL = Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official");

    private Checkpoint checkpoint;
    private TextEncoder encoder;
    private long bytes; // of one prompt

    @BeforeEach
    void load() {
        checkpoint = Checkpoint.open(List.of(MODEL.resolve("tiny.safetensors")));
        encoder = TextEncoder.load(checkpoint, GemmaFolder.open(MODEL.resolve("gemma")), Device.CPU, DataType.FLOAT32);
        try (TensorScope _ = TensorScope.open()) {
            TextContext context = encoder.encode("");
            bytes = context.video().bytes() + context.audio().bytes();
        }
    }

    @AfterEach
    void close() {
        encoder.close();
        checkpoint.close();
    }

    @Test
    void aPromptIsEncodedOnceAndOutlivesItsScope() {
        try (TextContextCache cache = new TextContextCache(encoder, 2 * bytes)) {
            float[] first = video(cache, "a red circle");
            video(cache, "");
            assertArrayEquals(first, video(cache, "a red circle"));
            assertArrayEquals(expected("a red circle"), first);
            assertEquals(1, cache.hits());
            assertEquals(2, cache.misses());
        }
    }

    @Test
    void thePromptThatWasAskedForLongestAgoMakesRoom() {
        try (TextContextCache cache = new TextContextCache(encoder, 2 * bytes)) {
            video(cache, "one");
            video(cache, "two");
            video(cache, "one");
            video(cache, "three"); // in place of two
            assertEquals(1, cache.hits());
            video(cache, "one");
            assertEquals(2, cache.hits());
            assertArrayEquals(expected("two"), video(cache, "two"));
            assertEquals(2, cache.hits());
        }
    }

    @Test
    void whatIsLentStaysUsableWhenItMakesRoom() {
        TextContextCache cache = new TextContextCache(encoder, bytes);
        try (TensorScope _ = TensorScope.open()) {
            TextContext lent = cache.encode("one");
            TextContext again = cache.encode("one");
            video(cache, "two");
            cache.close();
            assertArrayEquals(expected("one"), lent.video().toFloatArray());
            assertArrayEquals(expected("one"), again.video().toFloatArray());
        }
    }

    @Test
    void withoutRoomNothingIsKept() {
        try (TextContextCache cache = new TextContextCache(encoder, bytes - 1)) {
            video(cache, "one");
            video(cache, "one");
            assertEquals(0, cache.hits());
            assertEquals(2, cache.misses());
        }
    }

    @Test
    void aPromptThatIsTooLongIsRefusedEveryTime() {
        try (TextContextCache cache = new TextContextCache(encoder, 2 * bytes)) {
            String prompt = "x ".repeat(5000);
            assertThrows(IllegalArgumentException.class, () -> cache.encode(prompt));
            assertThrows(IllegalArgumentException.class, () -> cache.encode(prompt));
        }
    }

    private static float[] video(TextContextCache cache, String prompt) {
        try (TensorScope _ = TensorScope.open()) {
            return cache.encode(prompt).video().toFloatArray();
        }
    }

    private float[] expected(String prompt) {
        try (TensorScope _ = TensorScope.open()) {
            return encoder.encode(prompt).video().toFloatArray();
        }
    }
}
