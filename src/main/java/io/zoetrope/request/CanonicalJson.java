package io.zoetrope.request;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/// Records as JSON that is the same, byte for byte, whenever the record is: fixed order, no blanks, instants as
/// text.
public final class CanonicalJson {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private CanonicalJson() {}

    public static byte[] write(Record value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("%s has no JSON form".formatted(value.getClass()), e);
        }
    }

    /// Reads what [#write] wrote, or a tree that a table of fields has been held against.
    ///
    /// @throws IllegalArgumentException if `json` is not the form of a `type`
    public static <T extends Record> T read(JsonNode json, Class<T> type) {
        try {
            return MAPPER.treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a %s: %s".formatted(type.getSimpleName(), json), e);
        }
    }

    /// Reads what [#write] wrote.
    ///
    /// @throws IllegalArgumentException if `json` is not the form of a `type`
    public static <T extends Record> T read(byte[] json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (java.io.IOException e) {
            throw new IllegalArgumentException("not a %s: %s".formatted(type.getSimpleName(), e.getMessage()), e);
        }
    }

    /// SHA-256 in lower-case hexadecimal.
    public static String digest(byte[] bytes) {
        return Sha256.of(bytes);
    }
}
