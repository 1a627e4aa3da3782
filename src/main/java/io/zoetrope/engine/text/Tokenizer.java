package io.zoetrope.engine.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.zoetrope.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/// Turns prompts into token ids, as the text model's own `tokenizer.json` says. Threads may share one.
///
/// Special tokens that a prompt spells out, such as `<end_of_turn>`, are encoded as those tokens; who wants to
/// refuse them does so before. Half a surrogate pair, which is no Unicode text, is read as replacement
/// characters (U+FFFD).
public final class Tokenizer implements AutoCloseable {

    /// Begins every prompt.
    static final long BEGIN = 2;

    /// Fills the slots before a prompt.
    static final long PADDING = 0;

    static {
        // Otherwise the library asks the cloud provider which machine this is, reports it to its authors, and on
        // machines with CUDA downloads another native library than the one in its jar.
        System.setProperty("ai.djl.offline", "true");
    }

    /// Encoding shares it, closing has it alone: the library would go on with memory that is freed.
    private final ReadWriteLock lifetime = new ReentrantReadWriteLock();

    private final HuggingFaceTokenizer tokenizer;

    private Tokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// @param file a `tokenizer.json`
    /// @throws CheckpointException if it is missing or cannot be read
    public static Tokenizer open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file.toString(), "is no file, expected the tokenizer of the text model");
        }
        // Long prompts are refused, never cut in silence; and nothing is padded here.
        Map<String, String> options = Map.of("addSpecialTokens", "true", "truncation", "false", "padding", "false");
        try {
            return new Tokenizer(HuggingFaceTokenizer.newInstance(file, options));
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(file.toString(), "is no tokenizer: " + e.getMessage(), e);
        }
    }

    /// The ids of a prompt, the beginning's included. White space at its ends does not count.
    ///
    /// @throws IllegalStateException after [#close]
    public long[] encode(String prompt) {
        String stripped = Whitespace.strip(prompt);
        long[] ids = whileOpen(() -> tokenizer.encode(stripped).getIds());
        return ids.length > 0 && ids[0] == BEGIN
                ? ids
                : LongStream.concat(LongStream.of(BEGIN), Arrays.stream(ids)).toArray();
    }

    /// The ids of a prompt, cut on the right to `slots` as the reference does; for comparison with it.
    public long[] encodeCut(String prompt, int slots) {
        long[] ids = encode(prompt);
        return ids.length <= slots ? ids : Arrays.copyOf(ids, slots);
    }

    /// The ids of a text as it stands: white space counts, and nothing is put in front of it.
    ///
    /// @throws IllegalStateException after [#close]
    public long[] encodeExactly(String text) {
        return whileOpen(() -> tokenizer.encode(text, false, false).getIds());
    }

    /// The text of ids. Special tokens, and ids that stand for nothing, are left out.
    ///
    /// @throws IllegalStateException after [#close]
    public String decode(long... ids) {
        return ids.length == 0 ? "" : whileOpen(() -> tokenizer.decode(ids, true));
    }

    /// The id of a token by its name, such as `<end_of_turn>`, if there is one.
    public OptionalLong id(String token) {
        long[] ids = encodeExactly(token);
        boolean isOne =
                ids.length == 1 && whileOpen(() -> tokenizer.decode(ids, false)).equals(token);
        return isOne ? OptionalLong.of(ids[0]) : OptionalLong.empty();
    }

    /// How many slots a prompt takes.
    public int count(String prompt) {
        return encode(prompt).length;
    }

    @Override
    public void close() {
        lifetime.writeLock().lock();
        try {
            tokenizer.close();
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    private <T> T whileOpen(Supplier<T> work) {
        lifetime.readLock().lock();
        try {
            return work.get();
        } finally {
            lifetime.readLock().unlock();
        }
    }
}
