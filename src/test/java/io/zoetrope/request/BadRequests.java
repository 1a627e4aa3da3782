package io.zoetrope.request;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/// Every way a request can be wrong, as one table: each door (Kafka, HTTP, command line) is held against it.
///
/// The models' part assumes the demo model with its defaults and a device that holds less than a terabyte.
public final class BadRequests {

    /// Stands for a nearest value that depends on the device, but must be there.
    public static final String SOME = "(some)";

    /// Who can find the mistake.
    public enum Finder {
        /// From the bytes alone.
        READER,
        /// Only when the model is known.
        PLANNER
    }

    /// One bad request.
    ///
    /// @param name    what is wrong, for the test report
    /// @param json    the bytes of the request
    /// @param field   the problem's field
    /// @param code    the problem's code
    /// @param nearest the problem's nearest valid value; null if there is none
    public record Case(String name, byte[] json, String field, String code, String nearest, Finder finder) {
        @Override
        public String toString() {
            return name;
        }
    }

    private BadRequests() {}

    public static Stream<Case> all() {
        return Stream.of(documents(), fields(), numbers(), names(), combinations(), models())
                .flatMap(List::stream);
    }

    public static Stream<Case> foundByReader() {
        return all().filter(bad -> bad.finder() == Finder.READER);
    }

    private static List<Case> documents() {
        return List.of(
                document("no bytes", "", "", "not-an-object"),
                document("blanks", "  \n ", "", "not-an-object"),
                document("not JSON", "a red circle", "", "not-json"),
                document("cut off", "{\"prompt\": \"a red", "", "not-json"),
                document("a comma too much", "{\"prompt\": \"x\",}", "", "not-json"),
                document("something behind", "{\"prompt\": \"x\"} {}", "", "not-json"),
                document("a single quote", "{'prompt': 'x'}", "", "not-json"),
                document("an array", "[{\"prompt\": \"x\"}]", "", "not-an-object"),
                document("a text", "\"a red circle\"", "", "not-an-object"),
                document("null", "null", "", "not-an-object"),
                document("an exponent beyond every number", "{\"prompt\":\"x\",\"fps\":1e99999999999}", "", "not-json"),
                document("too deep", "{\"prompt\":" + "[".repeat(2000) + "]".repeat(2000) + "}", "", "not-json"),
                document("too large", "{\"prompt\":\"" + "x".repeat(300_000) + "\"}", "", "too-large"),
                new Case(
                        "not UTF-8",
                        new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '}'},
                        "",
                        "not-json",
                        null,
                        Finder.READER),
                document("an empty object", "{}", "prompt", "missing"),
                document("a field twice", "{\"prompt\":\"x\",\"width\":64,\"width\":96}", "width", "duplicate-field"),
                document(
                        "an inner field twice",
                        with("guidance", "{\"video\":{\"cfg\":2,\"cfg\":3}}"),
                        "guidance.video.cfg",
                        "duplicate-field"));
    }

    private static List<Case> fields() {
        return List.of(
                bad("a misspelt field", "widht", "96", "widht", "unknown-field", "width"),
                bad("a field of another server", "num_frames", "17", "num_frames", "unknown-field", "frames"),
                bad("another spelling", "negativePrompt", "\"\"", "negativePrompt", "unknown-field", "negative_prompt"),
                bad("an unknown field", "horoscope_sign", "1", "horoscope_sign", "unknown-field", null),
                bad("an unknown inner field", "guidance", "{\"vidoe\":{}}", "guidance.vidoe", "unknown-field", "video"),
                bad(
                        "an unknown guidance field",
                        "guidance",
                        "{\"audio\":{\"rescal\":1}}",
                        "guidance.audio.rescal",
                        "unknown-field",
                        "rescale"),
                bad("null", "width", "null", "width", "wrong-type", null),
                bad("a number as text", "width", "\"96\"", "width", "wrong-type", null),
                bad("a text as number", "model", "7", "model", "wrong-type", null),
                bad("an object as number", "fps", "{\"hz\":8}", "fps", "wrong-type", null),
                bad("an array as text", "tenant", "[\"me\"]", "tenant", "wrong-type", null),
                bad("a flag as text", "output", "{\"preview\":\"yes\"}", "output.preview", "wrong-type", null),
                bad("a flag as object", "output", "true", "output", "wrong-type", null),
                bad("guidance as number", "guidance", "3", "guidance", "wrong-type", null),
                document("an empty prompt", "{\"prompt\":\"\"}", "prompt", "empty"),
                document("a blank prompt", "{\"prompt\":\" \\n\\t \"}", "prompt", "empty"),
                document("a prompt of 100 kB", "{\"prompt\":\"" + "red ".repeat(25_600) + "\"}", "prompt", "too-long"),
                document("a zero character", "{\"prompt\":\"a\\u0000b\"}", "prompt", "not-text"),
                document("half a surrogate pair", "{\"prompt\":\"a\\ud83d\"}", "prompt", "not-text"),
                bad("metadata that is no text", "metadata", "{\"shot\":3}", "metadata.shot", "wrong-type", null),
                bad(
                        "too much metadata",
                        "metadata",
                        "{\"shot\":\"" + "x".repeat(4093) + "\"}",
                        "metadata",
                        "too-large",
                        null),
                bad(
                        "a deadline without offset",
                        "deadline",
                        "\"2030-01-01T12:00:00\"",
                        "deadline",
                        "wrong-format",
                        null),
                bad(
                        "a deadline that never comes",
                        "deadline",
                        "\"2030-02-30T12:00:00Z\"",
                        "deadline",
                        "wrong-format",
                        null),
                bad("a deadline in words", "deadline", "\"tomorrow\"", "deadline", "wrong-format", null));
    }

    private static List<Case> numbers() {
        return List.of(
                bad("frames between two", "frames", "20", "frames", "off-grid", "17 or 25"),
                bad("frames just above", "frames", "2", "frames", "off-grid", "1 or 9"),
                bad("no frames", "frames", "0", "frames", "out-of-range", "1"),
                bad("negative frames", "frames", "-7", "frames", "out-of-range", "1"),
                bad("huge frames", "frames", "1e400", "frames", "out-of-range", "65537"),
                bad("frames beyond every number", "frames", "1e99999999", "frames", "out-of-range", "65537"),
                bad("half a frame", "frames", "17.5", "frames", "not-whole", "17 or 25"),
                bad("frames that are none", "frames", "NaN", "frames", "not-finite", null),
                bad("width between two", "width", "100", "width", "off-grid", "96 or 128"),
                bad("no width", "width", "0", "width", "out-of-range", "32"),
                bad("negative height", "height", "-96", "height", "out-of-range", "32"),
                bad("huge height", "height", "999999999999", "height", "out-of-range", "16384"),
                bad("infinite height", "height", "Infinity", "height", "not-finite", null),
                bad("no rate", "fps", "0", "fps", "out-of-range", "1"),
                bad("too fast", "fps", "240", "fps", "out-of-range", "120"),
                bad("a rate that is none", "fps", "NaN", "fps", "not-finite", null),
                bad("an infinite rate", "fps", "-Infinity", "fps", "not-finite", null),
                bad("no time", "seconds", "0", "seconds", "out-of-range", "0.01"),
                bad("negative time", "seconds", "-1.5", "seconds", "out-of-range", "0.01"),
                bad("a day", "seconds", "86400", "seconds", "out-of-range", "3600"),
                bad("a negative seed", "seed", "-1", "seed", "out-of-range", "\"0\""),
                bad(
                        "a seed that JSON cannot keep",
                        "seed",
                        "9007199254740992",
                        "seed",
                        "out-of-range",
                        "\"9007199254740992\""),
                bad(
                        "a seed of 65 bits",
                        "seed",
                        "\"18446744073709551616\"",
                        "seed",
                        "out-of-range",
                        "\"18446744073709551615\""),
                bad("a vast seed", "seed", "1e99999999", "seed", "out-of-range", "\"18446744073709551615\""),
                bad("a seed in hexadecimal", "seed", "\"0xff\"", "seed", "wrong-format", null),
                bad("a seed with a fraction", "seed", "1.5", "seed", "not-whole", null),
                bad("no steps", "steps", "0", "steps", "out-of-range", "1"),
                bad("too many steps", "steps", "5000", "steps", "out-of-range", "1000"),
                bad(
                        "negative guidance",
                        "guidance",
                        "{\"video\":{\"cfg\":-1}}",
                        "guidance.video.cfg",
                        "out-of-range",
                        "0"),
                bad(
                        "too much rescaling",
                        "guidance",
                        "{\"audio\":{\"rescale\":1.5}}",
                        "guidance.audio.rescale",
                        "out-of-range",
                        "1"),
                bad(
                        "guidance that is none",
                        "guidance",
                        "{\"audio\":{\"stg\":NaN}}",
                        "guidance.audio.stg",
                        "not-finite",
                        null),
                bad(
                        "a step of almost nothing",
                        "guidance",
                        "{\"audio\":{\"skip_step\":1e-999999999}}",
                        "guidance.audio.skip_step",
                        "not-whole",
                        "0"),
                bad("almost a whole step", "steps", "9." + "9".repeat(300), "steps", "not-whole", "10"),
                bad(
                        "a negative block",
                        "guidance",
                        "{\"video\":{\"blocks\":[1,-1]}}",
                        "guidance.video.blocks[1]",
                        "out-of-range",
                        "0"),
                bad(
                        "a block twice",
                        "guidance",
                        "{\"video\":{\"blocks\":[1,1]}}",
                        "guidance.video.blocks[1]",
                        "repeated",
                        null),
                bad(
                        "too much compression",
                        "conditions",
                        "[{\"type\":\"image\",\"source\":\"a.png\",\"crf\":52}]",
                        "conditions[0].crf",
                        "out-of-range",
                        "51"),
                bad(
                        "too much attention",
                        "conditions",
                        "[{\"type\":\"reference\",\"source\":\"a.mp4\",\"attention\":1.5}]",
                        "conditions[0].attention",
                        "out-of-range",
                        "1"),
                bad(
                        "a LoRA beyond reason",
                        "loras",
                        "[{\"name\":\"noir\",\"strength\":11}]",
                        "loras[0].strength",
                        "out-of-range",
                        "10"),
                bad(
                        "a part beyond an hour",
                        "conditions",
                        "[{\"type\":\"video\",\"source\":\"a.mp4\",\"start\":3601}]",
                        "conditions[0].start",
                        "out-of-range",
                        "3600"),
                bad(
                        "too strong",
                        "conditions",
                        "[{\"type\":\"image\",\"source\":\"a.png\",\"strength\":2}]",
                        "conditions[0].strength",
                        "out-of-range",
                        "1"));
    }

    private static List<Case> names() {
        return List.of(
                bad("an unknown pipeline", "pipeline", "\"one-stag\"", "pipeline", "unknown-name", "one-stage"),
                bad("an unknown sampler", "sampler", "\"res_2\"", "sampler", "unknown-name", "res-2s"),
                bad("an unknown schedule", "schedule", "\"linear\"", "schedule", "unknown-name", null),
                bad("an unknown priority", "priority", "\"urgent\"", "priority", "unknown-name", null),
                bad("a priority in capitals", "priority", "\"HIGH\"", "priority", "unknown-name", "high"),
                bad(
                        "an unknown condition",
                        "conditions",
                        "[{\"type\":\"imgae\",\"source\":\"a\"}]",
                        "conditions[0].type",
                        "unknown-name",
                        "image"),
                bad(
                        "a condition without type",
                        "conditions",
                        "[{\"source\":\"a\"}]",
                        "conditions[0].type",
                        "missing",
                        null),
                bad(
                        "a condition without source",
                        "conditions",
                        "[{\"type\":\"image\"}]",
                        "conditions[0].source",
                        "missing",
                        null),
                bad(
                        "an image with an end",
                        "conditions",
                        "[{\"type\":\"image\",\"source\":\"a\",\"end\":1}]",
                        "conditions[0].end",
                        "unknown-field",
                        null),
                bad(
                        "an unknown half of a retake",
                        "conditions",
                        "[{\"type\":\"retake\",\"source\":\"a\",\"streams\":\"vidoe\"}]",
                        "conditions[0].streams",
                        "unknown-name",
                        "video"),
                bad(
                        "a sound with strength",
                        "conditions",
                        "[{\"type\":\"audio\",\"source\":\"a\",\"strength\":1}]",
                        "conditions[0].strength",
                        "unknown-field",
                        null),
                bad("an unknown upsampler", "upsampler", "\"spatial-x3\"", "upsampler", "unknown-name", "spatial-x2"),
                bad("an unknown type of noise", "noise_type", "\"float3\"", "noise_type", "unknown-name", "float32"),
                bad("an unknown rewriting", "enhance_prompt", "\"greddy\"", "enhance_prompt", "unknown-name", "greedy"),
                bad("rewriting as a flag", "enhance_prompt", "true", "enhance_prompt", "wrong-type", null),
                bad("a LoRA without name", "loras", "[{\"strength\":1}]", "loras[0].name", "missing", null),
                bad("a blank tenant", "tenant", "\" \"", "tenant", "empty", null));
    }

    private static List<Case> combinations() {
        return List.of(
                document("frames and seconds", "{\"prompt\":\"x\",\"frames\":17,\"seconds\":2}", "seconds", "conflict"),
                bad(
                        "an end before the start",
                        "conditions",
                        "[{\"type\":\"retake\",\"source\":\"a\",\"start\":2,\"end\":1}]",
                        "conditions[0].end",
                        "conflict",
                        null));
    }

    private static List<Case> models() {
        return List.of(
                planned("an unknown model", "model", "\"dmeo\"", "model", "unknown-name", "demo"),
                planned(
                        "too many tokens",
                        "prompt",
                        "\"" + "a red circle ".repeat(400) + "\"",
                        "prompt",
                        "too-many-tokens",
                        null),
                planned(
                        "too many negative tokens",
                        "negative_prompt",
                        "\"" + "a red circle ".repeat(400) + "\"",
                        "negative_prompt",
                        "too-many-tokens",
                        null),
                planned("two stages", "pipeline", "\"two-stage\"", "pipeline", "unsupported", "one-stage"),
                planned("a distilled pipeline", "pipeline", "\"distilled\"", "pipeline", "unsupported", "one-stage"),
                planned(
                        "an image after the end",
                        "conditions",
                        "[{\"type\":\"image\",\"source\":\"a.png\",\"frame\":17}]",
                        "conditions[0].frame",
                        "out-of-range",
                        "16"),
                planned(
                        "two begins",
                        "conditions",
                        "[{\"type\":\"image\",\"source\":\"a.png\"},{\"type\":\"video\",\"source\":\"b.mp4\"}]",
                        "conditions[1].frame",
                        "repeated",
                        null),
                planned(
                        "two sounds",
                        "conditions",
                        "[{\"type\":\"audio\",\"source\":\"a.wav\"},{\"type\":\"audio\",\"source\":\"b.wav\"}]",
                        "conditions[1]",
                        "repeated",
                        null),
                planned(
                        "two retakes",
                        "conditions",
                        "[{\"type\":\"retake\",\"source\":\"a.mp4\",\"start\":0,\"end\":1},"
                                + "{\"type\":\"retake\",\"source\":\"a.mp4\",\"start\":1,\"end\":2}]",
                        "conditions[1]",
                        "repeated",
                        null),
                planned(
                        "a retake without an end",
                        "conditions",
                        "[{\"type\":\"retake\",\"source\":\"a.mp4\",\"start\":1}]",
                        "conditions[0].end",
                        "missing",
                        null),
                planned(
                        "a retake after the end",
                        "conditions",
                        "[{\"type\":\"retake\",\"source\":\"a.mp4\",\"start\":3,\"end\":4}]",
                        "conditions[0].start",
                        "out-of-range",
                        null),
                planned(
                        "a retake beside a sound",
                        "conditions",
                        "[{\"type\":\"retake\",\"source\":\"a.mp4\",\"start\":0,\"end\":1},{\"type\":\"audio\",\"source\":\"b.wav\"}]",
                        "conditions[0]",
                        "conflict",
                        null),
                planned(
                        "two pictures of a frame",
                        "conditions",
                        "[{\"type\":\"image\",\"source\":\"a.png\",\"frame\":8},{\"type\":\"keyframe\",\"source\":\"b.png\",\"frame\":8}]",
                        "conditions[1].frame",
                        "repeated",
                        null),
                planned(
                        "a sound shorter than the clip",
                        "conditions",
                        "[{\"type\":\"audio\",\"source\":\"a.wav\",\"start\":1,\"end\":3}]",
                        "conditions[0].end",
                        "out-of-range",
                        "3.125"),
                planned(
                        "a retake beside a clip",
                        "conditions",
                        "[{\"type\":\"retake\",\"source\":\"a.mp4\",\"start\":0,\"end\":1},{\"type\":\"video\",\"source\":\"b.mp4\"}]",
                        "conditions[0]",
                        "conflict",
                        null),
                planned(
                        "a picture outside of a retake",
                        "conditions",
                        "[{\"type\":\"image\",\"source\":\"b.png\",\"frame\":16},{\"type\":\"retake\",\"source\":\"a.mp4\",\"start\":0,\"end\":1}]",
                        "conditions[0].frame",
                        "conflict",
                        null),
                planned(
                        "a picture beside a retake of the sound",
                        "conditions",
                        "[{\"type\":\"image\",\"source\":\"b.png\"},{\"type\":\"retake\",\"source\":\"a.mp4\",\"streams\":\"audio\"}]",
                        "conditions[0]",
                        "conflict",
                        null),
                plannedDocument(
                        "guidance of a given sound",
                        "{\"prompt\":\"x\",\"guidance\":{\"audio\":{\"cfg\":3}},\"conditions\":[{\"type\":\"audio\",\"source\":\"a.wav\"}]}",
                        "guidance.audio",
                        "conflict",
                        null),
                plannedDocument(
                        "guidance of a kept picture",
                        "{\"prompt\":\"x\",\"guidance\":{\"video\":{\"cfg\":3}},\"conditions\":"
                                + "[{\"type\":\"retake\",\"source\":\"a.mp4\",\"streams\":\"audio\"}]}",
                        "guidance.video",
                        "conflict",
                        null),
                plannedDocument(
                        "guidance of no picture",
                        "{\"prompt\":\"x\",\"output\":{\"sound_only\":true},\"guidance\":{\"video\":{\"cfg\":3}}}",
                        "guidance.video",
                        "conflict",
                        null),
                plannedDocument(
                        "sound apart from no picture",
                        "{\"prompt\":\"x\",\"output\":{\"sound_only\":true},\"guidance\":{\"audio\":{\"modality\":3}}}",
                        "guidance.audio.modality",
                        "conflict",
                        "1"),
                plannedDocument(
                        "tokens of no picture",
                        "{\"prompt\":\"x\",\"output\":{\"sound_only\":true},\"schedule\":\"shifted-tokens\"}",
                        "schedule",
                        "conflict",
                        "shifted"),
                plannedDocument(
                        "a contact sheet of sound alone",
                        "{\"prompt\":\"x\",\"output\":{\"sound_only\":true,\"contact_sheet\":true}}",
                        "output.contact_sheet",
                        "conflict",
                        "false"),
                plannedDocument(
                        "previews of sound alone",
                        "{\"prompt\":\"x\",\"output\":{\"sound_only\":true,\"preview\":true}}",
                        "output.preview",
                        "conflict",
                        "false"),
                planned(
                        "a LoRA without a model for it",
                        "loras",
                        "[{\"name\":\"noir\",\"strength\":0.5}]",
                        "loras[0].name",
                        "unknown-name",
                        null),
                plannedDocument(
                        "an image for sound alone",
                        "{\"prompt\":\"x\",\"output\":{\"sound_only\":true},\"conditions\":[{\"type\":\"image\",\"source\":\"a.png\"}]}",
                        "conditions[0]",
                        "conflict",
                        null),
                plannedDocument(
                        "a size for sound alone",
                        "{\"prompt\":\"x\",\"output\":{\"sound_only\":true},\"width\":96}",
                        "width",
                        "conflict",
                        null),
                planned("an upsampler for one phase", "upsampler", "\"spatial-x2\"", "upsampler", "conflict", null),
                planned(
                        "an unknown LoRA",
                        "loras",
                        "[{\"name\":\"film-noir\"}]",
                        "loras[0].name",
                        "unknown-name",
                        null),
                planned("too small for the decoder", "width", "32", "width", "out-of-range", "64"),
                planned("one step", "steps", "1", "steps", "out-of-range", "2"),
                planned(
                        "perturbation without blocks",
                        "guidance",
                        "{\"video\":{\"stg\":1}}",
                        "guidance.video.blocks",
                        "missing",
                        null),
                planned(
                        "a block that the model lacks",
                        "guidance",
                        "{\"audio\":{\"stg\":1,\"blocks\":[4]}}",
                        "guidance.audio.blocks",
                        "out-of-range",
                        "3"),
                plannedDocument(
                        "steps of a fixed schedule",
                        "{\"prompt\":\"x\",\"schedule\":\"distilled\",\"steps\":8}",
                        "steps",
                        "conflict",
                        null),
                plannedDocument(
                        "no unconditional pass to follow",
                        "{\"prompt\":\"x\",\"sampler\":\"cfg-plus-plus\",\"guidance\":{\"video\":{\"cfg\":1},\"audio\":{\"cfg\":1}}}",
                        "sampler",
                        "conflict",
                        null),
                plannedDocument(
                        "too short to have a sound",
                        "{\"prompt\":\"x\",\"frames\":1,\"fps\":60}",
                        "frames",
                        "out-of-range",
                        "9"),
                plannedDocument(
                        "more frames than there are",
                        "{\"prompt\":\"x\",\"seconds\":3600,\"fps\":120}",
                        "seconds",
                        "out-of-range",
                        "546.14"),
                plannedDocument(
                        "never fits",
                        "{\"prompt\":\"x\",\"width\":16384,\"height\":16384,\"frames\":65537}",
                        "",
                        "does-not-fit",
                        SOME));
    }

    private static Case document(String name, String json, String field, String code) {
        return new Case(name, utf8(json), field, code, null, Finder.READER);
    }

    /// A good request but for one field.
    private static Case bad(String name, String key, String value, String field, String code, String nearest) {
        return new Case(name, utf8(with(key, value)), field, code, nearest, Finder.READER);
    }

    private static Case planned(String name, String key, String value, String field, String code, String nearest) {
        return plannedDocument(name, with(key, value), field, code, nearest);
    }

    private static Case plannedDocument(String name, String json, String field, String code, String nearest) {
        return new Case(name, utf8(json), field, code, nearest, Finder.PLANNER);
    }

    private static String with(String key, String value) {
        String prompt = key.equals("prompt") ? "" : "\"prompt\":\"a red circle\",";
        return "{%s\"%s\":%s}".formatted(prompt, key, value);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
