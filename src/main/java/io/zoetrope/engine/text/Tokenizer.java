package io.zoetrope.engine.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.zoetrope.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;

/// Turns prompts into token ids, as the text model's own `tokenizer.json` says. Threads may share one.
public final class Tokenizer implements AutoCloseable {

    /// Begins every prompt.
    static final long BEGIN = 2;

    /// Fills the slots before a prompt.
    static final long PADDING = 0;

    private final HuggingFaceTokenizer tokenizer;

    private Tokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// @param file a `tokenizer.json`
    /// @throws CheckpointException if it is missing or cannot be read
    public static Tokenizer open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file.toString(), "does not exist, expected the tokenizer of the text model");
        }
        // Long prompts are refused, never cut in silence; and nothing is padded here.
        Map<String, String> options = Map.of("truncation", "false", "padding", "false");
        try {
            return new Tokenizer(HuggingFaceTokenizer.newInstance(file, options));
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(file.toString(), "is no tokenizer: " + e.getMessage(), e);
        }
    }

    /// The ids of a prompt, the beginning's included. White space at its ends does not count.
    public long[] encode(String prompt) {
        long[] ids = tokenizer.encode(Whitespace.strip(prompt)).getIds();
        return ids.length > 0 && ids[0] == BEGIN
                ? ids
                : LongStream.concat(LongStream.of(BEGIN), Arrays.stream(ids)).toArray();
    }

    /// The ids of a prompt, cut on the right to `slots` as the reference does; for comparison with it.
    public long[] encodeCut(String prompt, int slots) {
        long[] ids = encode(prompt);
        return ids.length <= slots ? ids : Arrays.copyOf(ids, slots);
    }

    /// How many slots a prompt takes.
    public int count(String prompt) {
        return encode(prompt).length;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
