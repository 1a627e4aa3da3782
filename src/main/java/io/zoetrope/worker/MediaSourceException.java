package io.zoetrope.worker;

/// A source that a request names could not be had. The message names the request's field and the source, without
/// what may be secret in it.
final class MediaSourceException extends RuntimeException {

    private final boolean retryable;

    private MediaSourceException(String field, String reason, boolean retryable, Throwable cause) {
        super("%s: %s".formatted(field, reason), cause);
        this.retryable = retryable;
    }

    /// The request asks for what is not there or not allowed: the same request fails again.
    static MediaSourceException refused(String field, String reason) {
        return new MediaSourceException(field, reason, false, null);
    }

    /// As [#refused(String, String)], because of `cause`.
    static MediaSourceException refused(String field, String reason, Throwable cause) {
        return new MediaSourceException(field, reason, false, cause);
    }

    /// Whoever has the source did not give it now.
    static MediaSourceException unavailable(String field, String reason, Throwable cause) {
        return new MediaSourceException(field, reason, true, cause);
    }

    /// Whether the same request may succeed later.
    boolean retryable() {
        return retryable;
    }
}
