package io.zoetrope.audit;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How the text model chose the tokens of a text.
public enum TokenDecoding {
    /// Always the most likely one.
    @JsonProperty("greedy")
    GREEDY("greedy"),
    /// By chance, with a seed.
    @JsonProperty("sampled")
    SAMPLED("sampled");

    private final String label;

    TokenDecoding(String label) {
        this.label = label;
    }

    /// The word for people, the same as in JSON.
    public String label() {
        return label;
    }
}
