package io.zoetrope.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.zoetrope.request.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How much of what clients sent is repeated in our own records: a broker takes records of one megabyte, whatever
/// nonsense they tell of. What is left out is said, with size and digest.
final class SizeLimits {

    /// Of a record's value in a dead letter: more than a request may have, so that each of those is kept whole; four
    /// thirds of it in base64.
    static final int VALUE_BYTES = 320 * 1024;
    /// Of all headers of a record in a dead letter, names included.
    static final int HEADER_BYTES = 64 * 1024;
    /// A control character in a name is six in JSON.
    private static final int HEADER_NAME_FACTOR = 6;
    /// Of a record's key in a dead letter.
    static final int KEY_BYTES = 1024;
    /// Of a request's JSON in the trail.
    static final int REQUEST_BYTES = 512 * 1024;

    private static final int BEGINNING_BYTES = 4 * 1024;
    private static final int MOST_PROBLEMS = 100;
    private static final int LONGEST_SENTENCE = 500;

    private SizeLimits() {}

    /// The first problems, with texts of a readable length.
    static List<Problem> first(List<Problem> problems) {
        return problems == null
                ? List.of()
                : problems.stream()
                        .limit(MOST_PROBLEMS)
                        .map(SizeLimits::readable)
                        .toList();
    }

    private static Problem readable(Problem problem) {
        return new Problem(
                problem.field(),
                problem.code(),
                problem.value(),
                sentence(problem.allowed()),
                sentence(problem.nearest()));
    }

    /// A text of a readable length that can be written as UTF-8: it may tell what a client wrote.
    static String sentence(String text) {
        if (text == null) {
            return null;
        }
        String whole = WellFormedText.of(text);
        boolean fits = whole.codePointCount(0, whole.length()) <= LONGEST_SENTENCE;
        return fits ? whole : whole.substring(0, whole.offsetByCodePoints(0, LONGEST_SENTENCE)) + "…";
    }

    /// The headers in the order of their names, as many as there is room for.
    static Map<String, byte[]> first(Map<String, byte[]> headers) {
        if (headers == null) {
            return Map.of();
        }
        Map<String, byte[]> kept = new TreeMap<>();
        int room = HEADER_BYTES;
        for (Map.Entry<String, byte[]> header : new TreeMap<>(headers).entrySet()) {
            int size = HEADER_NAME_FACTOR * header.getKey().getBytes(StandardCharsets.UTF_8).length
                    + (header.getValue() == null ? 0 : header.getValue().length);
            if (size <= room) {
                kept.put(header.getKey(), header.getValue());
                room -= size;
            }
        }
        return Collections.unmodifiableMap(kept);
    }

    /// The JSON of a request that is too long for the trail; null if it is not.
    static byte[] jsonIfTooLong(JsonNode request) {
        byte[] whole = EventJson.bytes(request);
        return whole.length > REQUEST_BYTES ? whole : null;
    }

    /// How a JSON text begins.
    static JsonNode beginning(byte[] json) {
        String text = new String(Arrays.copyOf(json, BEGINNING_BYTES), StandardCharsets.UTF_8);
        return TextNode.valueOf(text + "…");
    }
}
