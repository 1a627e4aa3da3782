package io.zoetrope.worker;

import java.util.Optional;

/// Recognises that memory ran out: the device's allocator says so only in words.
final class OutOfMemory {

    private OutOfMemory() {}

    /// What ran out, in one line; empty for any other failure.
    static Optional<String> in(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = String.valueOf(cause.getMessage());
            if (cause instanceof OutOfMemoryError
                    || text.contains("out of memory")
                    || text.contains("not enough memory")
                    || text.contains("can't allocate memory")) {
                return Optional.of(Fault.oneLine(cause));
            }
        }
        return Optional.empty();
    }
}
