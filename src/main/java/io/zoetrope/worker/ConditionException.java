package io.zoetrope.worker;

/// A given picture, clip or sound that does not suit the request. Trying again would not help.
public final class ConditionException extends RuntimeException {

    ConditionException(String field, String message, Throwable cause) {
        super("%s: %s".formatted(field, message), cause);
    }
}
