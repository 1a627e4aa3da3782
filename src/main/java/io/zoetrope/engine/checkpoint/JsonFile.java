package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The JSON files beside weights: configurations and lists of shards.
public final class JsonFile {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MOST_BYTES = 100_000_000;

    private JsonFile() {}

    /// @throws CheckpointException if there is no such file or it is no JSON object
    public static JsonNode read(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new CheckpointException(
                        file.toString(), "has %d bytes, expected at most %d".formatted(Files.size(file), MOST_BYTES));
            }
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            if (json == null || !json.isObject()) {
                throw new CheckpointException(file.toString(), "is not a JSON object");
            }
            return json;
        } catch (NoSuchFileException e) {
            throw new CheckpointException(file.toString(), "does not exist", e);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file.toString(), "is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException(file.toString(), "cannot be read: " + e, e);
        }
    }
}
