package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/// Prompts to token ids: a JSON file of strings with their ids, beside the tokenizer.
final class TokenizerCheck {

    static final String COMPONENT = "tokenizer";
    static final String FILE = "cases.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerCheck() {}

    static Verdict run(Path path) {
        long start = System.nanoTime();
        int wrong = 0;
        int strings = 0;
        String first = "";
        String description;
        try (Tokenizer tokenizer = Tokenizer.open(path.resolveSibling("tokenizer.json"))) {
            JsonNode golden = JSON.readTree(Files.readString(path));
            description = golden.path("description").asText();
            for (JsonNode set : golden.get("sets")) {
                for (JsonNode expected : set.get("cases")) {
                    strings++;
                    String text = expected.get("text").asText();
                    long[] ids = tokenizer.encodeCut(text, set.get("max_length").asInt());
                    long[] theirs = JSON.convertValue(expected.get("ids"), long[].class);
                    if (!Arrays.equals(ids, theirs)) {
                        wrong++;
                        first = first.isEmpty()
                                ? "first wrong: '" + text.substring(0, Math.min(40, text.length())) + "'"
                                : first;
                    }
                }
            }
        } catch (IOException e) {
            throw new CheckpointException(path.toString(), "cannot be read: " + e.getMessage(), e);
        }
        String remark =
                wrong == 0 ? strings + " strings" : "%d of %d strings differ, %s".formatted(wrong, strings, first);
        return new Verdict(
                new CaseHeader(COMPONENT, "cases", description, 0, 0),
                wrong == 0,
                wrong,
                wrong / (double) strings,
                wrong == 0 ? 0 : Double.POSITIVE_INFINITY,
                "ids",
                remark,
                Duration.ofNanos(System.nanoTime() - start));
    }
}
