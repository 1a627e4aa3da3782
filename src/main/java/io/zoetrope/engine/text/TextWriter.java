package io.zoetrope.engine.text;

import io.zoetrope.engine.tensor.TensorScope;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;

/// Goes on with a text until the text model ends it.
///
/// @param ends tokens that end a text
record TextWriter(GemmaModel model, Set<Long> ends) {

    /// @param ids   of the new tokens, without the one that ended them
    /// @param ended whether there was one; false if the limit came first
    record Text(long[] ids, boolean ended) {}

    /// The reference's rows have lengths that divide by this.
    private static final int ROW = 8;

    TextWriter {
        ends = Set.copyOf(ends);
    }

    /// @param prompt   ids, at least one
    /// @param limit    new tokens at most, from 1
    /// @param listener may end it after every token
    /// @throws TokenListener.StoppedException if it did
    Text write(long[] prompt, TokenChoice choice, int limit, TokenListener listener) {
        int padding = padding(prompt.length);
        long[] ids = new long[limit];
        try (GemmaGeneration generation = model.generation(prompt.length + padding + limit)) {
            long started = System.nanoTime();
            for (int count = 0; count < limit; count++) {
                int token = choice.choose(
                        count == 0 ? begin(generation, padding, prompt) : append(generation, ids[count - 1]));
                if (ends.contains((long) token)) {
                    return new Text(Arrays.copyOf(ids, count), true);
                }
                ids[count] = token;
                long now = System.nanoTime();
                if (!listener.wrote(count + 1, limit, Duration.ofNanos(now - started))) {
                    throw new TokenListener.StoppedException(count + 1);
                }
                started = now;
            }
            return new Text(ids, false);
        }
    }

    /// Tokens in front of a prompt.
    static int padding(int length) {
        return Math.floorMod(-length, ROW);
    }

    private static float[] begin(GemmaGeneration generation, int padding, long... prompt) {
        try (TensorScope _ = TensorScope.open()) {
            return generation.begin(prompt, padding).toFloatArray();
        }
    }

    private static float[] append(GemmaGeneration generation, long token) {
        try (TensorScope _ = TensorScope.open()) {
            return generation.append(token).toFloatArray();
        }
    }
}
