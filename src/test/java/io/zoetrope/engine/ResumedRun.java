package io.zoetrope.engine;

import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.conditioning.Conditioning;
import io.zoetrope.engine.conditioning.RegeneratedSpan;
import io.zoetrope.engine.conditioning.VideoGrid;
import io.zoetrope.engine.lora.LoraStrength;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.Guidance;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Sampler;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.StreamGuidance;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.request.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/// Runs of the tiny model that are interrupted after a step and gone on with from nothing but bytes. As a program of
/// its own it goes on with a run that another process has begun.
final class ResumedRun implements AutoCloseable {

    /// The runs that are tried.
    enum Kind {
        EULER,
        ANCESTRAL_EULER,
        EULER_CFG_PLUS_PLUS,
        GRADIENT_ESTIMATION,
        SECOND_ORDER_EXPONENTIAL,
        /// Guided results that some steps reuse.
        SKIPPED_GUIDANCE,
        /// A given picture at the beginning, another one appended.
        GIVEN_PICTURES,
        /// Part of a clip made anew, picture and sound.
        RETAKE,
        /// A clip whose structure is followed, beside which the target sees less.
        REFERENCE,
        /// No picture.
        SOUND_ALONE,
        /// Half size, enlarged, refined; the sound is the first phase's.
        TWO_PHASES,
        /// Enlarged and refined twice, with a LoRA; the sound is the second phase's.
        THREE_PHASES;

        private Sampler sampler() {
            return switch (this) {
                case EULER, SKIPPED_GUIDANCE, GIVEN_PICTURES, REFERENCE, SOUND_ALONE -> new Sampler.Euler();
                case ANCESTRAL_EULER, RETAKE, THREE_PHASES -> new Sampler.AncestralEuler(1, 1, 11);
                case EULER_CFG_PLUS_PLUS -> new Sampler.EulerCfgPlusPlus(1, 1, 11);
                case GRADIENT_ESTIMATION -> Sampler.GradientEstimation.STOCK;
                case SECOND_ORDER_EXPONENTIAL, TWO_PHASES -> Sampler.SecondOrderExponential.STOCK;
            };
        }
    }

    static final int STEPS = 8;

    private static final Path TINY = Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official");
    private static final Denoiser.Picture SMALL = new Denoiser.Picture(9, 64, 64, 24);
    private static final Denoiser.Picture LARGE = new Denoiser.Picture(9, 128, 128, 24);
    private static final Denoiser.Picture LARGEST = new Denoiser.Picture(9, 256, 256, 24);

    private final Ltx2 model;

    ResumedRun() {
        // The same in each process, whatever other tests have set: kernels add in another order with other threads.
        Device.useThreads(Runtime.getRuntime().availableProcessors());
        model = Ltx2.load(ModelFiles.of(TINY), Device.CPU, DataType.FLOAT32);
    }

    /// Goes on with a run from each of several states: `KIND FILE…`. Prints the digests of the latents.
    public static void main(String[] arguments) throws IOException {
        try (ResumedRun run = new ResumedRun()) {
            for (int number = 1; number < arguments.length; number++) {
                byte[] state = Files.readAllBytes(Path.of(arguments[number]));
                System.out.println(run.from(Kind.valueOf(arguments[0]), state));
            }
        }
    }

    /// Runs to the end, keeping the state after each step.
    ///
    /// @param states receives the states' bytes, by step
    /// @return digest of the latents
    String whole(Kind kind, Map<Integer, byte[]> states) {
        try (TensorScope _ = TensorScope.open()) {
            return digest(run(
                    kind,
                    null,
                    step -> states.put(step.step(), bytes(step.state().get()))));
        }
    }

    /// Goes on from the bytes of a state.
    ///
    /// @return digest of the latents
    String from(Kind kind, byte[] state) {
        try (TensorScope _ = TensorScope.open();
                SafetensorsFile file = SafetensorsFile.of(Path.of("state"), state)) {
            Map<String, Tensor> tensors = new HashMap<>();
            file.entries().keySet().forEach(name -> tensors.put(name, file.tensor(name)));
            Latents latents = run(kind, DenoisingState.of(tensors, file.metadata()), DenoisingListener.NONE);
            // Latents outlive the file that the run went on from: whoever still looks at it sees this.
            tensors.values().forEach(tensor -> tensor.memory().fill((byte) 1));
            return digest(latents);
        }
    }

    /// @throws IllegalArgumentException if the state does not belong to the run
    void requireFit(Kind kind, byte[] state) {
        try (TensorScope _ = TensorScope.open();
                SafetensorsFile file = SafetensorsFile.of(Path.of("state"), state)) {
            Map<String, Tensor> tensors = new HashMap<>();
            file.entries().keySet().forEach(name -> tensors.put(name, file.tensor(name)));
            model.denoiser().requireFit(job(kind), DenoisingState.of(tensors, file.metadata()));
        }
    }

    /// The steps of a run.
    int steps(Kind kind) {
        try (TensorScope _ = TensorScope.open()) {
            return job(kind).steps();
        }
    }

    @Override
    public void close() {
        model.close();
    }

    /// Runs from the beginning for as long as a listener lets it.
    void followed(Kind kind, DenoisingListener listener) {
        try (TensorScope _ = TensorScope.open()) {
            run(kind, null, listener);
        }
    }

    private Latents run(Kind kind, DenoisingState from, DenoisingListener listener) {
        TextContext positive = model.textEncoder().encode("A red circle.");
        TextContext negative = model.textEncoder().encode("");
        return model.denoiser().denoise(job(kind), positive, negative, from, listener, TraceListener.NONE);
    }

    private static String digest(Latents latents) {
        Map<String, Tensor> tensors = new HashMap<>(Map.of("audio", latents.audio()));
        if (latents.video() != null) {
            tensors.put("video", latents.video());
        }
        return Sha256.of(SafetensorsWriter.toBytes(tensors, Map.of()));
    }

    private static byte[] bytes(DenoisingState state) {
        return SafetensorsWriter.toBytes(state.tensors(), state.metadata());
    }

    private Denoiser.Job job(Kind kind) {
        if (kind == Kind.TWO_PHASES || kind == Kind.THREE_PHASES) {
            var first = Denoiser.Phase.ofNothing(SMALL, settings(kind, SigmaSchedule.Shifted.STOCK.sigmas(4)));
            Denoiser.Phase second = refining(kind, LARGE);
            if (kind == Kind.TWO_PHASES) {
                return new Denoiser.Job(9, 24, 7, Noise.STOCK, List.of(first, second), ResumedRun::enlarged, 0);
            }
            var lora = List.of(new LoraStrength(model.lora("distilled-lora"), 1));
            var phases = List.of(
                    first, second.withLoras(lora), refining(kind, LARGEST).withLoras(lora));
            return new Denoiser.Job(9, 24, 7, Noise.STOCK, phases, ResumedRun::enlarged, 1);
        }
        var settings = settings(kind, SigmaSchedule.Shifted.STOCK.sigmas(STEPS));
        Denoiser.Phase phase = new Denoiser.Phase(kind == Kind.SOUND_ALONE ? null : SMALL, settings, 1, given(kind));
        return new Denoiser.Job(9, 24, 7, Noise.STOCK, List.of(phase), null, 0);
    }

    private static Denoiser.Phase refining(Kind kind, Denoiser.Picture picture) {
        float[] sigmas = SigmaSchedule.Fixed.DISTILLED_SECOND_STAGE.sigmas(3);
        return new Denoiser.Phase(
                picture,
                settings(kind, sigmas),
                sigmas[0],
                new Streams<>(Denoiser.Given.NOTHING, Denoiser.Given.NOTHING));
    }

    private static DenoisingLoop.Settings settings(Kind kind, float[] sigmas) {
        int skip = kind == Kind.SKIPPED_GUIDANCE ? 2 : 0;
        StreamGuidance video = new StreamGuidance(3, 1, Set.of(0), 2, 0.7, skip);
        StreamGuidance audio = new StreamGuidance(2, 0, Set.of(), 1, 0, kind == Kind.SKIPPED_GUIDANCE ? 1 : 0);
        return new DenoisingLoop.Settings(
                sigmas, kind.sampler(), new Guidance(video, audio), GuidanceRules.Spread.PER_CLIP);
    }

    private Streams<Denoiser.Given> given(Kind kind) {
        var shape = model.denoiser().shape().video(SMALL.frames(), SMALL.height(), SMALL.width());
        var sound = model.denoiser().shape().audio(SMALL.frames(), SMALL.fps());
        var grid = new VideoGrid(shape, SMALL.fps(), model.denoiser().shape().scale());
        try (RandomStream random = RandomStream.seeded(3)) {
            IntFunction<Tensor> picture = frames ->
                    random.normal(DataType.FLOAT32, 1, shape.channels(), frames, shape.height(), shape.width());
            return switch (kind) {
                case GIVEN_PICTURES ->
                    of(grid.replaced(picture.apply(1), 0, 0.8), grid.keyframe(picture.apply(1), 8, true, 1));
                case REFERENCE -> of(grid.reference(picture.apply(shape.frames()), 1, 1, 0.9, 0.5));
                case RETAKE -> {
                    List<Conditioning> span = List.of(new RegeneratedSpan(0.05, 0.25));
                    Tensor heard = random.normal(DataType.FLOAT32, 1, sound.channels(), sound.frames(), sound.bins());
                    yield new Streams<>(
                            new Denoiser.Given(picture.apply(shape.frames()), span, false),
                            new Denoiser.Given(heard, span, false));
                }
                case EULER,
                        ANCESTRAL_EULER,
                        EULER_CFG_PLUS_PLUS,
                        GRADIENT_ESTIMATION,
                        SECOND_ORDER_EXPONENTIAL,
                        SKIPPED_GUIDANCE,
                        SOUND_ALONE,
                        TWO_PHASES,
                        THREE_PHASES -> of();
            };
        }
    }

    private static Streams<Denoiser.Given> of(Conditioning... conditions) {
        return new Streams<>(new Denoiser.Given(null, List.of(conditions), false), Denoiser.Given.NOTHING);
    }

    /// Each cell four times: enough to see whether the second phase starts from the first one's latent.
    private static Tensor enlarged(Tensor latent) {
        long[] shape = latent.shape();
        return latent.view(shape[0], shape[1], shape[2], shape[3], 1, shape[4], 1)
                .expand(shape[0], shape[1], shape[2], shape[3], 2, shape[4], 2)
                .reshape(shape[0], shape[1], shape[2], shape[3] * 2, shape[4] * 2);
    }
}
