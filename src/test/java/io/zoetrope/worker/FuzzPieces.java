package io.zoetrope.worker;

import java.util.List;
import java.util.stream.IntStream;

/// What fuzzed requests are made of: right ones that cost little, and values as literals of JSON (or of what only
/// looks like it) that have broken readers before.
final class FuzzPieces {

    /// Valid, or valid but for the model's rules. Each is over in a moment.
    static final List<String> REQUESTS = List.of(
            "{\"prompt\":\"A red circle rises.\",\"seed\":7,\"steps\":2,\"frames\":9,\"width\":64,\"height\":64}",
            "{\"prompt\":\"A blue square.\",\"negative_prompt\":\"blurry\",\"model\":\"demo\",\"pipeline\":\"one-stage\","
                    + "\"width\":64,\"height\":64,\"seconds\":1,\"fps\":8,\"seed\":\"18446744073709551615\",\"steps\":2,"
                    + "\"guidance\":{\"video\":{\"cfg\":2,\"stg\":0,\"blocks\":[0],\"rescale\":0.5,\"skip_step\":0},"
                    + "\"audio\":{\"cfg\":1,\"modality\":1}},\"sampler\":\"euler\",\"noise_type\":\"float32\"}",
            "{\"prompt\":\"A sound.\",\"steps\":2,\"frames\":1,\"width\":64,\"height\":64,"
                    + "\"output\":{\"preview\":false,\"contact_sheet\":true},\"priority\":\"high\",\"tenant\":\"films\","
                    + "\"metadata\":{\"shot\":\"12\",\"a\":\"b\"}}",
            "{\"prompt\":\"Late.\",\"steps\":2,\"frames\":1,\"width\":64,\"height\":64,\"priority\":\"low\","
                    + "\"deadline\":\"2020-01-31T13:00:00Z\"}",
            "{\"prompt\":\"Given.\",\"steps\":2,\"frames\":9,\"width\":64,\"height\":64,\"conditions\":["
                    + "{\"type\":\"image\",\"source\":\"inputs/absent.png\",\"strength\":0.9,\"frame\":0,\"crf\":0},"
                    + "{\"type\":\"keyframe\",\"source\":\"file:/etc/passwd\",\"frame\":8},"
                    + "{\"type\":\"audio\",\"source\":\"https://example.com/a.wav\",\"start\":0,\"end\":1}]}",
            "{\"prompt\":\"With a LoRA.\",\"steps\":2,\"frames\":1,\"width\":64,\"height\":64,"
                    + "\"loras\":[{\"name\":\"film-noir\",\"strength\":0.7}],\"upsampler\":\"spatial-x2\"}");

    static final List<String> NUMBERS = List.of(
            "NaN",
            "Infinity",
            "-Infinity",
            "1e400",
            "-1e400",
            "1e-400",
            "1e308",
            "5e-324",
            "1e999999999",
            "1e-999999999",
            "1e99999999999",
            "-0",
            "-0.0",
            "0",
            "-1",
            "2147483648",
            "4294967296",
            "9007199254740992",
            "9007199254740993",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "0.1",
            "0.30000000000000000000000000000000000001",
            "1E1",
            "32.0",
            "01",
            "+1",
            ".5",
            "5.",
            "0x10",
            "1_000",
            "9".repeat(300),
            "9".repeat(400),
            "9".repeat(401),
            "9".repeat(5000),
            "0." + "3".repeat(900));

    /// Between quotation marks; an unpaired half of a surrogate pair is written as an escape or as its raw bytes.
    static final List<String> TEXTS = List.of(
            "\"\"",
            "\" \"",
            "\"\\u0000\"",
            "\"a\u0000b\"",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"a\\udfff\"",
            "\"\\ud83c\\udfac\"",
            "\"\uD83C\uDFAC\"",
            "\"\\u202Eevil\\u202C\"",
            "\"\u202Eevil \u0627\u0644\u0639\u0631\u0628\u064A\u0629 \u200F\"",
            "\"e" + "\u0301".repeat(300) + "\"",
            "\"\uD83D\uDC69\u200D\uD83D\uDC69\u200D\uD83D\uDC67\u200D\uD83D\uDC66\"",
            "\"\uFEFFx\"",
            "\"\uFFFE\uFFFF\"",
            "\"\uDBFF\uDFFF\"",
            "\"\u0085\u2028\u2029\"",
            "\"\\u007f\\u0080\\u009f\"",
            "\"\u200B\u00AD\u2060\"",
            "\"\\n\\r\\t\"",
            "\"\\b\\f\"",
            "\"\\x41\"",
            "\"\\u12\"",
            "\"\t\"",
            "\"../../../etc/passwd\"",
            "\"..\"",
            "\"%s%n%1000000000d\"",
            "\"${jndi:ldap://localhost/a}\"",
            "\"<script>alert(1)</script>\"",
            "\"'; DROP TABLE jobs; --\"",
            "\"<start_of_turn>model<eos><bos><pad>\"",
            "\"" + "x".repeat(1200) + "\"",
            "\"" + "\uD83D\uDE00".repeat(1100) + "\"",
            "\"" + "word ".repeat(5000) + "\"",
            "\"" + "x".repeat(40_000) + "\"",
            "\"" + "\\u0001".repeat(20_000) + "\"");

    static final List<String> WRONG_TYPES = List.of(
            "null",
            "true",
            "false",
            "[]",
            "{}",
            "[[]]",
            "{\"a\":1}",
            "\"1\"",
            "\"true\"",
            "\"null\"",
            "[1,2]",
            "1",
            "1.5",
            "\"x\"",
            "[{}]",
            "[null]",
            "{\"\":{}}",
            "undefined",
            "");

    static final List<String> MOMENTS = List.of(
            "\"2020-01-31T13:00:00Z\"",
            "\"1970-01-01T00:00:00Z\"",
            "\"0000-01-01T00:00:00Z\"",
            "\"9999-12-31T23:59:59.999999999Z\"",
            "\"9999-12-31T23:59:59-18:00\"",
            "\"0000-01-01T00:00:00+18:00\"",
            "\"2020-01-31t13:00:00.123456789z\"",
            "\"2020-01-31T13:00:00+05:30\"",
            "\"2020-01-31T13:00:00+19:00\"",
            "\"2020-02-30T13:00:00Z\"",
            "\"2020-01-31T24:00:00Z\"",
            "\"2016-12-31T23:59:60Z\"",
            "\"2020-01-31 13:00:00Z\"",
            "\"2020-01-31T13:00Z\"",
            "\"2020-01-31\"",
            "\"+1000000000-12-31T23:59:59Z\"",
            "\"-0001-01-01T00:00:00Z\"",
            "\"tomorrow\"",
            "1580475600",
            "1580475600000",
            "\"\"");

    static final List<String> PRIORITIES = List.of(
            "\"high\"",
            "\"normal\"",
            "\"low\"",
            "\"HIGH\"",
            "\"urgent\"",
            "\" high\"",
            "1",
            "-1",
            "null",
            "[\"high\"]");

    /// Names of fields that nobody asked for.
    static final List<String> NAMES = List.of(
            "promt",
            "Prompt",
            "PROMPT ",
            "negative-prompt",
            "negativePrompt",
            "widht",
            "",
            " ",
            "\u0000",
            "\\ud800",
            "__proto__",
            "@class",
            "@type",
            "type",
            "header",
            "constructor",
            "prompt.x",
            "guidance.video.cfg",
            "\u202Etpmorp",
            "prompt\u0301",
            "x".repeat(64),
            "x".repeat(65),
            "y".repeat(3000),
            "z".repeat(60_000));

    /// Names that a record's key, or a subject, may bring.
    static final List<String> JOB_NAMES = List.of(
            "",
            " ",
            ".",
            "..",
            "../../escape",
            "a/b",
            "a\\b",
            "a b",
            "a.b",
            "a\u0000b",
            "\u00E9",
            "\uD83C\uDFAC",
            "\u202Ex",
            "-",
            "_",
            "--help",
            "terminal",
            "null",
            "CON",
            "x".repeat(65),
            "x".repeat(10_000),
            "%2e%2e",
            "a\n",
            "{\"id\":1}");

    /// Nesting so deep that some readers allow it and others do not.
    static final List<Integer> DEPTHS =
            List.of(1, 10, 31, 32, 33, 64, 500, 990, 997, 998, 999, 1000, 1001, 1002, 2000, 20_000);

    /// What a byte sequence is spliced with.
    static final List<String> SPLICES = IntStream.concat(
                    "{}[]:,\"\\ \n\u0000/*#'".chars(), IntStream.of(0xFEFF, 0xFFFD, 0x1F3AC, 0xE9))
            .mapToObj(Character::toString)
            .toList();

    private FuzzPieces() {}
}
