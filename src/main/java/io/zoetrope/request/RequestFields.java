package io.zoetrope.request;

import static io.zoetrope.request.Field.optional;
import static io.zoetrope.request.Field.required;

import io.zoetrope.request.FieldType.Choice;
import io.zoetrope.request.FieldType.Decimal;
import io.zoetrope.request.FieldType.Flag;
import io.zoetrope.request.FieldType.Group;
import io.zoetrope.request.FieldType.Items;
import io.zoetrope.request.FieldType.Moment;
import io.zoetrope.request.FieldType.SeedNumber;
import io.zoetrope.request.FieldType.Text;
import io.zoetrope.request.FieldType.TextMap;
import io.zoetrope.request.FieldType.Variants;
import io.zoetrope.request.FieldType.Whole;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// The fields of a request as a table: the reader checks by it and the command line explains by it.
///
/// The ranges are those of the contract, wide enough for any model; a model's own limits (tokens of a prompt,
/// memory, transformer blocks) are the planner's to judge.
public final class RequestFields {

    public static final Text PROMPT = new Text(false, 32_768);
    public static final Text NEGATIVE_PROMPT = new Text(true, 32_768);
    public static final Text NAME = new Text(false, 128);
    public static final Whole SIZE = new Whole(32, 16_384, 32, 0);
    public static final Whole FRAMES = new Whole(1, 65_537, 8, 1);
    public static final Decimal SECONDS = new Decimal(0.01, 3600);
    public static final Decimal FRAMES_PER_SECOND = new Decimal(1, 120);
    public static final Whole STEPS = new Whole(1, 1000);
    public static final Choice PIPELINE = new Choice(Pipeline.labels());
    public static final Choice SAMPLER = new Choice(Sampler.labels());
    public static final Choice SCHEDULE = new Choice(Schedule.labels());
    public static final Decimal LORA_STRENGTH = new Decimal(-10, 10);

    private static final Decimal SCALE = new Decimal(0, 100);
    private static final Decimal FRACTION = new Decimal(0, 1);
    private static final Whole FRAME = new Whole(0, FRAMES.most() - 1);

    private static final Group STREAM_GUIDANCE = new Group(
            optional("cfg", SCALE, "classifier-free guidance scale; 1 is off"),
            optional("stg", SCALE, "guidance away from a pass with skipped self-attention; 0 is off"),
            optional(
                    "blocks", new Items(new Whole(0, 1023), 1024, true), "blocks whose self-attention that pass skips"),
            optional("rescale", FRACTION, "how far the guided result's deviation is drawn back"),
            optional("modality", SCALE, "guidance away from picture and sound made apart; 1 is off"),
            optional("skip_step", new Whole(0, 1000), "steps that reuse a result between two evaluations"),
            optional("rule", new Choice(GuidanceRule.labels()), "how cfg leads away; cfg"),
            optional("eta", new Decimal(0, 10), "rule apg: factor of the part along the prediction; 1"),
            optional("threshold", new Decimal(0, 1e6), "rule apg: greatest norm of the difference, 0 for any; 0"));

    public static final Group GUIDANCE = new Group(
            optional("video", STREAM_GUIDANCE, "guidance of the picture"),
            optional("audio", STREAM_GUIDANCE, "guidance of the sound"));

    private static final Field SOURCE = required("source", new Text(false, 2048), "artifact key or allowed URI");
    private static final Field STRENGTH = optional("strength", FRACTION, "0 is ignored, 1 is kept as it is");
    private static final Field START = optional("start", new Decimal(0, 3600), "seconds from the source's begin");
    private static final Field END = optional("end", new Decimal(0, 3600), "seconds from the source's begin");

    private static final Field COMPRESSION =
            optional("crf", new Whole(0, 51), "compressed once more at this quality, 0 to skip; the model's default");

    private static final Variants CONDITION = new Variants(
            "type",
            Map.of(
                    "image", new Group(SOURCE, optional("frame", FRAME, "frame of the clip; 0"), STRENGTH, COMPRESSION),
                    "keyframe", new Group(SOURCE, required("frame", FRAME, "frame of the clip"), STRENGTH, COMPRESSION),
                    "video", new Group(SOURCE, optional("frame", FRAME, "frame of the clip; 0"), START, END, STRENGTH),
                    "audio", new Group(SOURCE, START, END),
                    "reference",
                            new Group(
                                    SOURCE,
                                    START,
                                    END,
                                    STRENGTH,
                                    optional("attention", FRACTION, "how much the clip and it see of each other; 1")),
                    "retake",
                            new Group(
                                    SOURCE,
                                    optional("start", START.type(), "begin of what is made anew, seconds"),
                                    optional("end", END.type(), "end of what is made anew, seconds"),
                                    optional(
                                            "streams",
                                            new Choice(RetakenStreams.labels()),
                                            "what is made anew: both, video or audio; both"))));

    private static final Group LORA =
            new Group(required("name", NAME, "registered name"), optional("strength", LORA_STRENGTH, "1 is full"));

    private static final Group OUTPUT = new Group(
            optional("preview", new Flag(), "previews while the clip is made"),
            optional("contact_sheet", new Flag(), "all frames side by side as one picture"),
            optional("sound_only", new Flag(), "sound without picture"));

    /// A whole request.
    public static final Group REQUEST = new Group(
            required("prompt", PROMPT, "what the clip shows and sounds like"),
            optional("negative_prompt", NEGATIVE_PROMPT, "what guidance leads away from; the model's default"),
            optional("model", NAME, "name of a registered model; the worker's default"),
            optional("pipeline", PIPELINE, "how the clip is made; the model's default"),
            optional("upsampler", new Choice(Upsampler.labels()), "growth between two phases; spatial-x2"),
            optional("width", SIZE, "pixels; the model's default"),
            optional("height", SIZE, "pixels; the model's default"),
            optional("frames", FRAMES, "length in frames; the model's default"),
            optional("seconds", SECONDS, "length in seconds, instead of frames; the nearest 8k+1 frames are made"),
            optional("fps", FRAMES_PER_SECOND, "frames per second; the model's default"),
            optional("seed", new SeedNumber(), "seed of the noise; drawn and recorded if left out"),
            optional("steps", STEPS, "denoising steps; the model's default, fixed for a distilled schedule"),
            optional("guidance", GUIDANCE, "how strongly the prompt steers; the model's defaults, field by field"),
            optional("sampler", SAMPLER, "rule of one denoising step; the model's default"),
            optional("schedule", SCHEDULE, "rule of the noise levels; the model's default"),
            optional("noise_type", new Choice(NoiseType.labels()), "element type of the noise; float32"),
            optional("enhance_prompt", new Choice(Enhancement.labels()), "the text model rewrites the prompt; off"),
            optional("conditions", new Items(CONDITION, 64, false), "given pictures, clips and sounds"),
            optional("loras", new Items(LORA, 16, false), "changes to the model's weights"),
            optional("output", OUTPUT, "what is made beside the clip; nothing"),
            optional("priority", new Choice(Priority.labels()), "which waiting request goes first; normal"),
            optional("deadline", new Moment(), "when the clip is no longer wanted"),
            optional("tenant", NAME, "who asks; 'default'"),
            optional("metadata", new TextMap(4096), "returned untouched"));

    private RequestFields() {}

    /// The fields of a request that hold a value themselves, by path such as `guidance.video.cfg`, in order.
    public static SequencedMap<String, Field> leaves() {
        SequencedMap<String, Field> leaves = new LinkedHashMap<>();
        collect("", REQUEST, leaves);
        return leaves;
    }

    private static void collect(String prefix, Group group, Map<String, Field> leaves) {
        for (Field field : group.fields()) {
            if (field.type() instanceof Group inner) {
                collect(prefix + field.name() + ".", inner, leaves);
            } else {
                leaves.put(prefix + field.name(), field);
            }
        }
    }
}
