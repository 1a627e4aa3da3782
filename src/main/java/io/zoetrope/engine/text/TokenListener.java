package io.zoetrope.engine.text;

import java.time.Duration;

/// Follows a text while it is written, token by token, on the thread that writes it.
@FunctionalInterface
public interface TokenListener {

    TokenListener NONE = (_, _, _) -> true;

    /// @param token    tokens written, 1 to `limit`
    /// @param limit    tokens at most
    /// @param duration time that the token took; the first one's includes the reading of the prompt
    /// @return whether to go on; false ends the text with a [StoppedException]
    boolean wrote(int token, int limit, Duration duration);

    /// A text that its listener ended.
    final class StoppedException extends RuntimeException {

        private final int token;

        StoppedException(int token) {
            super("stopped after token " + token);
            this.token = token;
        }

        /// Tokens that were written.
        public int token() {
            return token;
        }
    }
}
