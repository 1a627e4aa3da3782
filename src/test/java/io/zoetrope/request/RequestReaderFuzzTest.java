package io.zoetrope.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Thousands of damaged requests: each is read as a list of problems or as a valid request, never as an exception.
class RequestReaderFuzzTest {

    private static final int ROUNDS = 20_000;

    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            "\\",
            "\\u",
            "\\ud800",
            "null",
            "true",
            "NaN",
            "-Infinity",
            "-",
            "0",
            "-0.0",
            "1e999999999",
            "1e-999999999",
            "1e99999999999",
            "9".repeat(30),
            "9".repeat(500),
            "0.1",
            "17",
            "\"17\"",
            "\"frames\":",
            "\"prompt\":",
            "\"type\":",
            "\"image\"",
            "\u0000",
            "\n",
            "é",
            "🎬",
            "\uFEFF",
            "{\"a\":{\"a\":{}}}",
            "[[[[]]]]");

    @Test
    void anythingIsReadAsProblemsOrAsAValidRequest() {
        Random random = new Random(20260801);
        List<byte[]> seeds = BadRequests.all()
                .map(BadRequests.Case::json)
                .filter(json -> json.length < 2000)
                .toList();
        int valid = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] json = seeds.get(random.nextInt(seeds.size()));
            for (int change = random.nextInt(1, 5); change > 0; change--) {
                json = random.nextInt(4) == 0 ? flip(json, random) : splice(json, random);
            }
            valid += hold(json) ? 1 : 0;
        }
        assertTrue(valid > ROUNDS / 1000 && valid < ROUNDS / 2, "valid ones: " + valid);
    }

    /// Whoever sends nonsense up to the limit of size must not keep others waiting.
    @Test
    void theLargestNonsenseIsReadInAMoment() {
        Map<String, String> nonsense = new TreeMap<>();
        nonsense.put("unknown fields", many("\"negative_prom_%d\":%d,"));
        nonsense.put("short unknown fields", many("\"a%d\":%d,"));
        nonsense.put("names of 64 letters", many("\"" + "promptwidth".repeat(5) + "%08d\":%d,"));
        nonsense.put("one field again and again", many("\"prompt\":\"%d%d\",").replace("%", ""));
        nonsense.put("metadata", "\"metadata\":{" + many("\"m%d\":%d,") + "\"z\":1},");
        nonsense.put("metadata again and again", "\"metadata\":{" + many("\"m\":\"%d%d\",") + "\"z\":\"\"},");
        nonsense.put("blocks", "\"guidance\":{\"video\":{\"blocks\":[" + "0,".repeat(100_000) + "0]}},");
        nonsense.put("conditions", "\"conditions\":[" + "{},".repeat(80_000) + "{}],");
        nonsense.put("wrong conditions", "\"conditions\":[" + "{\"a\":{\"b\":[]}},".repeat(15_000) + "{}],");
        nonsense.put(
                "one condition of unknown fields",
                "\"conditions\":[{\"type\":\"image\"," + many("\"s%d\":%d,") + "\"z\":1}],");
        nonsense.put("a long prompt", "\"prompt\":\"" + "a".repeat(255_000) + "\",");
        nonsense.put("escapes", "\"prompt\":\"" + "\\u0001".repeat(42_000) + "\",");
        nonsense.put("a long name", "\"" + "n".repeat(49_000) + "\":1,");
        nonsense.put(
                "arrays in arrays",
                "\"seed\":[" + "[".repeat(28) + "0" + "]".repeat(28) + ",[0]".repeat(60_000) + "],");
        nonsense.put("long numbers", "\"loras\":[" + ("9".repeat(400) + ",").repeat(600) + "0],");
        nonsense.forEach((name, fields) -> {
            byte[] json = ("{" + fields + "\"end\":0}").getBytes(StandardCharsets.UTF_8);
            assertTrue(json.length <= RequestReader.MOST_BYTES, () -> name + " " + json.length);
            assertFalse(RequestReader.read(json).isValid(), name);
            long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            RequestReader.read(json);
            long milliseconds = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) / 1_000_000;
            assertTrue(milliseconds < 500, () -> "%s took %d ms".formatted(name, milliseconds));
        });
    }

    /// Fields up to the limit of size.
    private static String many(String form) {
        StringBuilder fields = new StringBuilder();
        for (int number = 0; fields.length() < RequestReader.MOST_BYTES - 300; number++) {
            fields.append(form.formatted(number, number));
        }
        return fields.toString();
    }

    /// Whether `json` was read as a valid request; fails if it was read as neither.
    private static boolean hold(byte[] json) {
        Supplier<String> input = () -> new String(json, StandardCharsets.UTF_8);
        ParsedRequest parsed;
        try {
            parsed = RequestReader.read(json);
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError(input.get(), e);
        }
        for (Problem problem : parsed.problems()) {
            assertTrue(!problem.code().isBlank() && !problem.allowed().isBlank(), input);
        }
        GenerationRequest request = parsed.request();
        ParsedRequest again = RequestReader.read(request.toJson());
        assertEquals(request, again.request(), input);
        boolean valid = parsed.isValid();
        assertTrue(!valid || (again.isValid() && request.prompt().isPresent()), input);
        return valid;
    }

    private static byte[] flip(byte[] json, Random random) {
        byte[] changed = json.length == 0 ? new byte[1] : json.clone();
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        return changed;
    }

    /// Replaces a stretch by one of the pieces.
    private static byte[] splice(byte[] json, Random random) {
        byte[] piece = PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.UTF_8);
        int from = random.nextInt(json.length + 1);
        int to = Math.min(json.length, from + random.nextInt(8));
        byte[] changed = Arrays.copyOf(json, from + piece.length + json.length - to);
        System.arraycopy(piece, 0, changed, from, piece.length);
        System.arraycopy(json, to, changed, from + piece.length, json.length - to);
        return changed;
    }
}
