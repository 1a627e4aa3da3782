package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/// What a retake makes anew.
public enum RetakenStreams {
    /// Picture and sound.
    BOTH("both"),
    /// The picture; the sound stays.
    VIDEO("video"),
    /// The sound; the picture stays.
    AUDIO("audio");

    private final String label;

    RetakenStreams(String label) {
        this.label = label;
    }

    /// The name in a request.
    @JsonValue
    public String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(RetakenStreams::label).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
