package io.zoetrope.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.zoetrope.request.BadRequests;
import io.zoetrope.request.Enhancement;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.JobId;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.request.RequestReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/// Records that should be requests and mostly are not. The same seed gives the same records, and each can be made
/// again by its number alone.
///
/// Valid ones among them cost next to nothing: what would keep a worker busy is not made.
final class RequestFuzz {

    /// What was done to a request.
    enum Kind {
        BYTES_FLIPPED,
        CUT,
        SPLICED,
        OTHER_ENCODING,
        WRONG_TYPE,
        NUMBER,
        TEXT,
        NESTED,
        REPEATED_FIELD,
        LONG_ARRAY,
        FIELD_LEFT_OUT,
        UNKNOWN_FIELDS,
        FIELDS_MOVED,
        MOMENT,
        PRIORITY,
        KNOWN_MISTAKE,
        TOO_LARGE,
        NO_VALUE,
        KEY,
        STRUCTURED,
        HEADERS,
        REUSED_ID
    }

    /// A record for the queue.
    ///
    /// @param key       null for none
    /// @param value     null for a tombstone
    /// @param timestamp when it claims to be published; null for now
    record Event(long number, Kind kind, byte[] key, byte[] value, List<Header> headers, Long timestamp) {

        /// The job that it names by key or subject, if that is one.
        Optional<JobId> job() {
            Optional<byte[]> name = Optional.ofNullable(key)
                    .or(() -> headers.stream()
                            .filter(header -> header.key().equals("ce_subject") && header.value() != null)
                            .reduce((_, last) -> last)
                            .map(Header::value));
            return name.map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                    .filter(JobId::isValid)
                    .map(JobId::new);
        }

        @Override
        public String toString() {
            String text = value == null ? "(null)" : new String(value, StandardCharsets.UTF_8);
            return "event %d, %s, key %s, %d bytes: %s, headers %s"
                    .formatted(
                            number,
                            kind,
                            key == null ? "(none)" : new String(key, StandardCharsets.UTF_8),
                            value == null ? 0 : value.length,
                            text.substring(0, Math.min(text.length(), 300)),
                            headers.stream().map(Header::key).toList());
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_STEPS = 2;
    private static final int MOST_PIXELS = 96;
    private static final int MOST_FRAMES = 17;
    private static final List<byte[]> MISTAKES =
            BadRequests.all().map(BadRequests.Case::json).toList();

    private final long seed;
    private final String run;

    /// @param run part of all job ids, so that runs on one broker keep apart
    RequestFuzz(long seed, String run) {
        this.seed = seed;
        this.run = run;
    }

    String jobId(long number) {
        return "fuzz-%s-%d".formatted(run, number);
    }

    Event event(long number) {
        RandomGenerator random = new SplittableRandom(seed * 1_000_003 + number);
        Kind kind = Kind.values()[(int) (number % Kind.values().length)];
        byte[] key = jobId(number).getBytes(StandardCharsets.UTF_8);
        return switch (kind) {
            case KEY -> key(number, random);
            case STRUCTURED -> structured(number, random);
            case HEADERS -> headers(number, random);
            case REUSED_ID ->
                new Event(
                        number,
                        kind,
                        jobId(Math.max(0, number - 1 - random.nextInt(40))).getBytes(StandardCharsets.UTF_8),
                        data(any(random), random),
                        List.of(),
                        null);
            case NO_VALUE ->
                new Event(number, kind, random.nextInt(4) == 0 ? null : key, nothing(random), List.of(), null);
            case BYTES_FLIPPED,
                    CUT,
                    SPLICED,
                    OTHER_ENCODING,
                    WRONG_TYPE,
                    NUMBER,
                    TEXT,
                    NESTED,
                    REPEATED_FIELD,
                    LONG_ARRAY,
                    FIELD_LEFT_OUT,
                    UNKNOWN_FIELDS,
                    FIELDS_MOVED,
                    MOMENT,
                    PRIORITY,
                    KNOWN_MISTAKE,
                    TOO_LARGE -> new Event(number, kind, key, data(kind, random), List.of(), null);
        };
    }

    /// The bytes of a request, never of one that is both valid and heavy.
    private static byte[] data(Kind kind, RandomGenerator random) {
        for (int tries = 0; tries < 20; tries++) {
            byte[] data = change(kind, random);
            if (!isHeavy(data)) {
                return data;
            }
        }
        return new byte[0];
    }

    private static boolean isHeavy(byte[] data) {
        ParsedRequest parsed = RequestReader.read(data);
        GenerationRequest request = parsed.request();
        return parsed.isValid()
                && (request.steps().orElse(MOST_STEPS + 1) > MOST_STEPS
                        || request.width().orElse(MOST_PIXELS) > MOST_PIXELS
                        || request.height().orElse(MOST_PIXELS) > MOST_PIXELS
                        || request.frames().orElse(MOST_FRAMES) > MOST_FRAMES
                        || request.seconds().orElse(1.0) > 1
                        || request.fps().orElse(1.0) > MOST_FRAMES
                        || request.enhancePrompt().orElse(Enhancement.OFF) != Enhancement.OFF);
    }

    private static Kind any(RandomGenerator random) {
        return Kind.values()[random.nextInt(Kind.TOO_LARGE.ordinal())];
    }

    private static byte[] change(Kind kind, RandomGenerator random) {
        String request = pick(FuzzPieces.REQUESTS, random);
        return switch (kind) {
            case BYTES_FLIPPED -> flipped(utf8(request), random);
            case CUT -> Arrays.copyOf(utf8(request), random.nextInt(request.length() + 1));
            case SPLICED -> spliced(utf8(request), random);
            case OTHER_ENCODING -> encoded(request, random);
            case WRONG_TYPE -> replaced(request, pick(FuzzPieces.WRONG_TYPES, random), random);
            case NUMBER -> replaced(request, pick(FuzzPieces.NUMBERS, random), random);
            case TEXT ->
                random.nextInt(3) == 0
                        ? with(request, "prompt", pick(FuzzPieces.TEXTS, random))
                        : replaced(request, pick(FuzzPieces.TEXTS, random), random);
            case NESTED -> nested(request, random);
            case REPEATED_FIELD -> repeated(request, random);
            case LONG_ARRAY -> replaced(request, longArray(random), random);
            case FIELD_LEFT_OUT -> leftOut(request, random);
            case UNKNOWN_FIELDS -> unknown(request, random);
            case FIELDS_MOVED -> moved(request, random);
            case MOMENT -> with(request, "deadline", pick(FuzzPieces.MOMENTS, random));
            case PRIORITY -> with(request, "priority", pick(FuzzPieces.PRIORITIES, random));
            case KNOWN_MISTAKE -> pick(MISTAKES, random);
            case TOO_LARGE -> tooLarge(request, random);
            case NO_VALUE, KEY, STRUCTURED, HEADERS, REUSED_ID -> utf8(request);
        };
    }

    private static byte[] flipped(byte[] json, RandomGenerator random) {
        byte[] changed = json.clone();
        for (int count = random.nextInt(1, 6); count > 0; count--) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        }
        return changed;
    }

    private static byte[] spliced(byte[] json, RandomGenerator random) {
        byte[] changed = json;
        for (int count = random.nextInt(1, 6); count > 0; count--) {
            byte[] piece = utf8(pick(FuzzPieces.SPLICES, random));
            int from = random.nextInt(changed.length + 1);
            int to = Math.min(changed.length, from + random.nextInt(8));
            byte[] next = Arrays.copyOf(changed, from + piece.length + changed.length - to);
            System.arraycopy(piece, 0, next, from, piece.length);
            System.arraycopy(changed, to, next, from + piece.length, changed.length - to);
            changed = next;
        }
        return changed;
    }

    private static byte[] encoded(String request, RandomGenerator random) {
        return switch (random.nextInt(8)) {
            case 0 -> request.getBytes(StandardCharsets.UTF_16);
            case 1 -> request.getBytes(StandardCharsets.UTF_16LE);
            case 2 -> request.getBytes(StandardCharsets.UTF_32);
            case 3 -> utf8("\uFEFF" + request);
            case 4 -> request.replace("A", "\u00C4\u00FF").getBytes(StandardCharsets.ISO_8859_1);
            case 5 -> raw(request, "A", new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80}); // half a surrogate pair
            case 6 -> raw(request, "A", new byte[] {(byte) 0xC0, (byte) 0x80}); // overlong NUL
            default -> raw(request, "A", new byte[] {(byte) 0xF7, (byte) 0xBF, (byte) 0xBF, (byte) 0xBF});
        };
    }

    private static byte[] raw(String request, String letter, byte[] bytes) {
        String marked = request.replace(letter, new String(bytes, StandardCharsets.ISO_8859_1));
        return marked.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// One value anywhere in the request, in favour of a literal.
    private static byte[] replaced(String request, String literal, RandomGenerator random) {
        ObjectNode tree = tree(request);
        List<Runnable> places = new ArrayList<>();
        places(tree, literal, places);
        pick(places, random).run();
        return utf8(tree.toString());
    }

    private static void places(JsonNode node, String literal, List<Runnable> places) {
        switch (node) {
            case ObjectNode object ->
                object.properties().forEach(member -> {
                    places.add(() -> object.putRawValue(member.getKey(), new RawValue(literal)));
                    places(member.getValue(), literal, places);
                });
            case ArrayNode array -> {
                for (int index = 0; index < array.size(); index++) {
                    int place = index;
                    places.add(() -> array.setRawValue(place, new RawValue(literal)));
                    places(array.get(index), literal, places);
                }
            }
            default -> {
                // nothing below it
            }
        }
    }

    private static byte[] with(String request, String field, String literal) {
        ObjectNode tree = tree(request);
        tree.putRawValue(field, new RawValue(literal));
        return utf8(tree.toString());
    }

    private static byte[] nested(String request, RandomGenerator random) {
        int depth = pick(FuzzPieces.DEPTHS, random);
        String opening = random.nextBoolean() ? "[" : "{\"a\":";
        String closing = opening.equals("[") ? "]" : "}";
        String tower = opening.repeat(depth) + "1" + (random.nextInt(5) == 0 ? "" : closing.repeat(depth));
        return switch (random.nextInt(3)) {
            case 0 -> utf8(tower);
            case 1 -> replaced(request, tower, random);
            default -> with(request, "metadata", tower);
        };
    }

    private static byte[] repeated(String request, RandomGenerator random) {
        String field = pick(
                List.of(
                        "\"prompt\":\"again\"",
                        "\"\\u0070rompt\":\"again\"",
                        "\"seed\":8",
                        "\"guidance\":{\"video\":{\"cfg\":2,\"cfg\":3}}",
                        "\"metadata\":{\"a\":\"1\",\"a\":\"2\"}",
                        "\"conditions\":[{\"type\":\"image\",\"type\":\"audio\",\"source\":\"a\",\"source\":\"b\"}]",
                        "\"x\":1,\"x\":2"),
                random);
        String many = (field + ",").repeat(random.nextInt(10) == 0 ? 3000 : random.nextInt(1, 4));
        return utf8(
                random.nextBoolean()
                        ? "{" + many + request.substring(1)
                        : request.replaceFirst("}$", "," + many) + "\"y\":1}");
    }

    private static String longArray(RandomGenerator random) {
        String entry = pick(
                List.of(
                        "0",
                        "{}",
                        "null",
                        "\"a\"",
                        "{\"name\":\"a\"}",
                        "{\"type\":\"image\",\"source\":\"a.png\"}",
                        "[]"),
                random);
        int count = pick(List.of(0, 16, 17, 64, 65, 1024, 1025, 20_000), random);
        count = Math.min(count, 240_000 / (entry.length() + 1));
        return "[" + String.join(",", java.util.Collections.nCopies(count, entry)) + "]";
    }

    /// More than a request may have, and up to what a broker takes: in letters, in what must be escaped when it is
    /// told again, in names.
    private static byte[] tooLarge(String request, RandomGenerator random) {
        int length = random.nextInt(5) == 0 ? random.nextInt(300_000, 1_000_000) : RequestReader.MOST_BYTES + 1;
        return switch (random.nextInt(5)) {
            case 0 -> utf8(request.replaceFirst("\"prompt\":\"", "\"prompt\":\"" + "x".repeat(length)));
            case 1 -> new byte[length];
            case 2 -> utf8("[" + "0,".repeat(length / 2 - 1) + "0]");
            case 3 -> utf8("{\"" + "n".repeat(length) + "\":1}");
            default -> utf8(" ".repeat(length) + request);
        };
    }

    private static byte[] leftOut(String request, RandomGenerator random) {
        ObjectNode tree = tree(request);
        List<String> names = new ArrayList<>();
        tree.fieldNames().forEachRemaining(names::add);
        for (int count = random.nextInt(1, 4); count > 0; count--) {
            tree.remove(random.nextInt(3) == 0 ? "prompt" : pick(names, random));
        }
        return utf8(tree.toString());
    }

    private static byte[] unknown(String request, RandomGenerator random) {
        StringBuilder fields = new StringBuilder("{");
        int count = random.nextInt(8) == 0 ? 12_000 : random.nextInt(1, 5);
        for (int number = 0; number < count; number++) {
            String name = count > 100 ? "negative_prom_" + number : pick(FuzzPieces.NAMES, random);
            fields.append('"').append(name).append("\":").append(number).append(',');
        }
        return utf8(fields + request.substring(1));
    }

    /// The request's values under each other's names, or inside of one another.
    private static byte[] moved(String request, RandomGenerator random) {
        ObjectNode tree = tree(request);
        List<String> names = new ArrayList<>();
        tree.fieldNames().forEachRemaining(names::add);
        String one = pick(names, random);
        String other = pick(names, random);
        JsonNode value = tree.get(one).deepCopy();
        switch (random.nextInt(3)) {
            case 0 -> {
                tree.set(one, tree.get(other).deepCopy());
                tree.set(other, value);
            }
            case 1 -> tree.set(one, JSON.createArrayNode().add(value));
            default -> tree.set(one, JSON.createObjectNode().set(other, value));
        }
        return utf8(tree.toString());
    }

    private static byte[] nothing(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0, 1 -> null;
            case 2 -> new byte[0];
            default -> utf8(" \n\t ");
        };
    }

    private Event key(long number, RandomGenerator random) {
        byte[] key = switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 -> new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 1};
            case 2 -> new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80};
            default -> utf8(pick(FuzzPieces.JOB_NAMES, random));
        };
        List<Header> headers = random.nextBoolean()
                ? List.of(header("ce_subject", utf8(pick(FuzzPieces.JOB_NAMES, random))))
                : random.nextBoolean() ? List.of(header("ce_subject", utf8(jobId(number)))) : List.of();
        byte[] value = random.nextBoolean() ? utf8(FuzzPieces.REQUESTS.getFirst()) : data(any(random), random);
        return new Event(number, Kind.KEY, key, value, headers, null);
    }

    private Event structured(long number, RandomGenerator random) {
        String data = new String(data(any(random), random), StandardCharsets.UTF_8);
        String good = random.nextBoolean() ? pick(FuzzPieces.REQUESTS, random) : data;
        String wrong = pick(FuzzPieces.JOB_NAMES, random);
        String name = random.nextInt(3) == 0 && !JobId.isValid(wrong)
                ? JSON.createObjectNode().textNode(wrong).toString()
                : "\"" + jobId(number) + "\"";
        String attributes = "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/fuzz\",\"type\":\"%s\",\"subject\":%s"
                .formatted("io.zoetrope.generation.request.v1", name);
        String event = switch (random.nextInt(14)) {
            case 0 -> "{%s}".formatted(attributes);
            case 1 -> "{%s,\"data\":null}".formatted(attributes);
            case 2 -> "{%s,\"data\":\"text\"}".formatted(attributes);
            case 3 -> "{%s,\"data\":[%s]}".formatted(attributes, good);
            case 4 ->
                "{%s,\"data_base64\":\"%s\"}"
                        .formatted(attributes, Base64.getEncoder().encodeToString(utf8(good)));
            case 5 -> "{\"data\":%s}".formatted(good);
            case 6 -> "[{%s,\"data\":%s}]".formatted(attributes, good);
            case 7 -> good;
            case 8 -> "{%s,\"data\":%s".formatted(attributes, good);
            case 9 -> "{%s,\"data\":%s,\"data\":{}}".formatted(attributes, good);
            case 10 -> "{\"source\":{\"a\":[1]},\"subject\":[1],\"id\":null,\"data\":%s}".formatted(good);
            case 11 -> "{\"source\":\"\\ud800\",\"\\ud800\":\"\\ud800\",\"data\":%s}".formatted(good);
            case 12 ->
                "{%s,\"data\":{\"prompt\":%s}}".formatted(attributes, "[".repeat(pick(FuzzPieces.DEPTHS, random)));
            default -> "{%s,\"data\":%s}".formatted(attributes, good);
        };
        String type = pick(
                List.of(
                        "application/cloudevents+json",
                        "application/cloudevents+json; charset=UTF-8",
                        "application/cloudevents+json;charset=utf-16",
                        "application/cloudevents-batch+json"),
                random);
        byte[] key = random.nextBoolean() ? utf8(jobId(number)) : null;
        return new Event(number, Kind.STRUCTURED, key, utf8(event), List.of(header("content-type", utf8(type))), null);
    }

    private Event headers(long number, RandomGenerator random) {
        List<Header> headers = new ArrayList<>();
        for (int count = random.nextInt(1, 5); count > 0; count--) {
            String name = pick(
                    List.of(
                            "ce_specversion",
                            "ce_id",
                            "ce_source",
                            "ce_type",
                            "ce_subject",
                            "ce_time",
                            "content-type",
                            "traceparent",
                            "tracestate",
                            "baggage",
                            "zoetrope-supersedes",
                            "zoetrope-origin",
                            "zoetrope-requested-at",
                            "zoetrope-delivery",
                            "",
                            "\u0000",
                            "h".repeat(1000)),
                    random);
            byte[] value = switch (random.nextInt(10)) {
                case 0, 1 -> null;
                case 2 -> new byte[0];
                case 3 -> new byte[] {(byte) 0xFF, 0, (byte) 0xC0};
                case 4 -> utf8("x".repeat(5000));
                case 5 -> utf8(pick(FuzzPieces.JOB_NAMES, random));
                case 6 ->
                    utf8(pick(
                            List.of(
                                    "+1000000000-12-31T23:59:59.999999999Z",
                                    "-1000000000-01-01T00:00:00Z",
                                    "+999999-01-01T00:00:00Z",
                                    "9999-12-31T23:59:59Z",
                                    "0000-01-01T00:00:00Z",
                                    "1970-01-01T00:00:00Z",
                                    Instant.EPOCH.plusSeconds(9_999_999_999L).toString()),
                            random));
                case 7 ->
                    utf8(pick(
                            List.of(
                                    "zoetrope.requests/0/0",
                                    "a/999999999/999999999999999999",
                                    "a/-1/-1",
                                    "//",
                                    "a/0/99999999999999999999"),
                            random));
                case 8 ->
                    utf8(pick(
                            List.of(
                                    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                    "00-zz-zz-zz",
                                    "ff-" + "0".repeat(32) + "-" + "0".repeat(16) + "-00"),
                            random));
                default -> utf8("http://[bad uri \u0000");
            };
            headers.add(header(name, value));
        }
        if (random.nextInt(12) == 0) {
            for (int count = 0; count < 300; count++) {
                headers.add(header("x-" + count % 7, utf8("value")));
            }
        }
        Long timestamp = switch (random.nextInt(6)) {
            case 0 -> 0L;
            case 1 -> 1L;
            default -> null;
        };
        byte[] key = random.nextInt(3) == 0 ? null : utf8(jobId(number));
        byte[] value = random.nextBoolean() ? utf8(pick(FuzzPieces.REQUESTS, random)) : data(any(random), random);
        return new Event(number, Kind.HEADERS, key, value, headers, timestamp);
    }

    private static Header header(String name, byte[] value) {
        return new RecordHeader(name, value);
    }

    private static ObjectNode tree(String request) {
        try {
            return (ObjectNode) JSON.readTree(request);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T pick(List<T> choices, RandomGenerator random) {
        return choices.get(random.nextInt(choices.size()));
    }
}
