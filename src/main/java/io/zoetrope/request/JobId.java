package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/// The name of a job: record key, event subject and folder of its artifacts, and the key under which a repeated
/// request is recognised as the same one.
///
/// @param value 1 to 64 letters, digits, `_` or `-`
public record JobId(@JsonValue String value) {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    @JsonCreator
    public JobId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("job id '%s', expected %s".formatted(value, FORM));
        }
    }

    public static boolean isValid(String value) {
        return value != null && FORM.matcher(value).matches();
    }

    /// The id of a record that brought none: the same again whenever that record is delivered again.
    public static JobId ofRecord(String topic, int partition, long offset) {
        String suffix = "-%d-%d".formatted(partition, offset);
        String name = topic.replaceAll("[^A-Za-z0-9_-]", "-");
        return new JobId(name.substring(0, Math.min(name.length(), 64 - suffix.length())) + suffix);
    }

    @Override
    public String toString() {
        return value;
    }
}
