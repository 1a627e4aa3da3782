package io.zoetrope.engine.text;

import io.zoetrope.engine.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicLong;

/// Encodes prompts and keeps the contexts of those that were asked for last: the same negative prompt goes with most
/// jobs. Prompts themselves are not kept, only their digests.
public final class TextContextCache implements AutoCloseable {

    private final TextEncoder encoder;
    private final long limit;
    private final SequencedMap<String, TextContext> contexts = new LinkedHashMap<>(16, 0.75f, true); // eldest first
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong misses = new AtomicLong();
    private long bytes;

    /// @param limit bytes of contexts that may be kept, on the encoder's device; 0 keeps none
    public TextContextCache(TextEncoder encoder, long limit) {
        this.encoder = encoder;
        this.limit = limit;
    }

    /// The context of a prompt, in the scope that is open.
    ///
    /// @throws IllegalArgumentException if the prompt has more than 1024 tokens, its beginning included
    public synchronized TextContext encode(String prompt) {
        String key = digest(prompt);
        TextContext known = contexts.get(key);
        if (known != null) {
            hits.incrementAndGet();
            return new TextContext(known.video().share(), known.audio().share());
        }
        misses.incrementAndGet();
        TextContext made = encoder.encode(prompt);
        if (bytes(made) <= limit) {
            makeRoom(limit - bytes(made));
            contexts.put(key, new TextContext(kept(made.video()), kept(made.audio())));
            bytes += bytes(made);
        }
        return made;
    }

    /// Prompts whose context was there.
    public long hits() {
        return hits.get();
    }

    /// Prompts that were encoded.
    public long misses() {
        return misses.get();
    }

    @Override
    public synchronized void close() {
        makeRoom(0);
    }

    private void makeRoom(long left) {
        for (Iterator<TextContext> eldest = contexts.values().iterator(); bytes > left && eldest.hasNext(); ) {
            TextContext context = eldest.next();
            eldest.remove();
            bytes -= bytes(context);
            context.video().close();
            context.audio().close();
        }
    }

    private static Tensor kept(Tensor tensor) {
        return tensor.share().retain();
    }

    private static long bytes(TextContext context) {
        return context.video().bytes() + context.audio().bytes();
    }

    private static String digest(String prompt) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(prompt.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
        }
    }
}
