package io.zoetrope.media;

/// A part of a clip or sound on its own clock.
///
/// @param start    seconds, 0 or more
/// @param duration seconds, more than 0; infinite for all that follows
public record TimeSpan(double start, double duration) {

    /// From beginning to end.
    public static final TimeSpan WHOLE = new TimeSpan(0, Double.POSITIVE_INFINITY);

    public TimeSpan {
        if (!(start >= 0 && start < Double.POSITIVE_INFINITY && duration > 0)) {
            throw new IllegalArgumentException(
                    "start %s s and duration %s s, expected a start of 0 or more and a duration above 0"
                            .formatted(start, duration));
        }
    }

    /// Seconds; not part of the span any more.
    public double end() {
        return start + duration;
    }

    /// Whether `seconds` lies in it.
    public boolean contains(double seconds) {
        return seconds >= start && seconds < end();
    }

    public boolean isWhole() {
        return equals(WHOLE);
    }

    @Override
    public String toString() {
        return "[%s, %s) s".formatted(start, end());
    }
}
