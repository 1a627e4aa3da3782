package io.zoetrope.capacity;

import java.util.Locale;

/// Memory that something will need, predicted before it starts.
///
/// @param purpose what for, in words for an error message or a log, such as `denoise of job 17`
/// @param bytes   how much, 0 or more
public record MemoryDemand(String purpose, long bytes) {

    public MemoryDemand {
        if (bytes < 0) {
            throw new IllegalArgumentException("demand of %d bytes for %s".formatted(bytes, purpose));
        }
    }

    /// `bytes` for a reader: in GiB, MiB or bytes.
    public static String readable(long bytes) {
        if (bytes >= 1L << 30) {
            return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30));
        }
        return bytes >= 1L << 20
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1L << 20))
                : bytes + " bytes";
    }

    @Override
    public String toString() {
        return "%s for %s".formatted(readable(bytes), purpose);
    }
}
