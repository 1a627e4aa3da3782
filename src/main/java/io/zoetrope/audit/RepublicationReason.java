package io.zoetrope.audit;

import com.fasterxml.jackson.annotation.JsonValue;

/// Why the record of a job was published again.
public enum RepublicationReason {
    /// The broker had delivered the record so often that it was about to drop it.
    DELIVERY_LIMIT("delivery-limit"),
    /// Nobody had said anything of the job for long, and the broker no longer had its record to deliver.
    SILENCE("silence");

    private final String label;

    RepublicationReason(String label) {
        this.label = label;
    }

    /// Name in JSON and messages.
    @JsonValue
    public String label() {
        return label;
    }
}
