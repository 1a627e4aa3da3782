package io.zoetrope.audit;

/// A record on one of our topics is not what it should be. The message says what was found and what was expected.
public final class UnreadableMessageException extends RuntimeException {

    UnreadableMessageException(String message) {
        super(message);
    }

    UnreadableMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
