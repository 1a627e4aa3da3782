package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Recorder;
import io.zoetrope.engine.tensor.Shortcut;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The passes of one run, which differ in their latents and noise levels alone: computed once operator by
/// operator, recorded at the second time, replayed from then on.
///
/// | time | what | costs |
/// | --- | --- | --- |
/// | first | computed | a pass; makes what kernels make once |
/// | second | recorded and replayed | starting the operators, and the replay |
/// | later | replayed | the replay, copies of latents and velocities |
///
/// Passes are told apart by shapes, by the text, geometry and masks they are given (the very objects), and
/// by their perturbations. Only the first few kinds are recorded. If anything fails, all passes of the
/// process are computed from then on. For one thread.
public final class RecordedPasses implements AutoCloseable {

    /// Each keeps a graph of a thousand nodes and more; a run has four kinds of passes, or two batches,
    /// some of them with one stream standing still.
    private static final int MOST = 8;

    private static final Shortcut RECORDING = new Shortcut("recorded passes", "operators are started one by one");

    private static volatile boolean wanted;

    private final Transformer transformer;
    private final Recorder recorder; // null to record nothing
    private final Shortcut shortcut;
    private final Map<Key, Pass> passes = new HashMap<>();

    RecordedPasses(Transformer transformer, Recorder recorder, Shortcut shortcut) {
        this.transformer = transformer;
        this.recorder = recorder;
        this.shortcut = shortcut;
    }

    /// Whether runs of this process that begin from now on record their passes, where the device can.
    public static void want(boolean recorded) {
        wanted = recorded;
    }

    /// The passes of a run.
    public static RecordedPasses of(Transformer transformer) {
        boolean records = wanted && transformer.recordable() && RECORDING.isOpen();
        Recorder recorder = records ? RECORDING.orElse(() -> Recorder.of(transformer.device()), () -> null) : null;
        return new RecordedPasses(transformer, recorder, RECORDING);
    }

    /// Evaluates the network, as [Transformer#forward(StreamInput, StreamInput, List)] does.
    public Velocity forward(StreamInput video, StreamInput audio, List<Perturbation> perturbations) {
        if (recorder == null || !shortcut.isOpen()) {
            return computed(video, audio, perturbations, PassKind.EAGER);
        }
        Key key = new Key(Side.of(video), Side.of(audio), List.copyOf(perturbations));
        Pass pass = passes.get(key);
        if (pass == null) {
            Velocity velocity = computed(video, audio, perturbations, PassKind.EAGER);
            if (passes.size() < MOST) {
                passes.put(key, new Pass(velocity));
            }
            return velocity;
        }
        return shortcut.orElse(
                () -> pass.velocity(video, audio, perturbations),
                () -> computed(video, audio, perturbations, PassKind.FAILED));
    }

    /// How many are recorded.
    int recordings() {
        return (int)
                passes.values().stream().filter(pass -> pass.recording != null).count();
    }

    /// Frees the recordings and their tensors.
    @Override
    public void close() {
        passes.values().forEach(Pass::close);
        passes.clear();
        if (recorder != null) {
            recorder.close();
        }
    }

    private Velocity computed(StreamInput video, StreamInput audio, List<Perturbation> perturbations, PassKind kind) {
        kind.count();
        return transformer.forward(video, audio, perturbations);
    }

    /// The very object, whatever it holds.
    private record Same(Object object) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Same(Object same) && same == object;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(object);
        }
    }

    private record Form(DataType type, List<Long> shape) {

        static Form of(Tensor tensor) {
            return new Form(tensor.type(), Arrays.stream(tensor.shape()).boxed().toList());
        }
    }

    /// What makes one stream's part of a pass another one.
    private record Side(
            Form latent, Form sigma, Form timesteps, Same geometry, Same text, Same selfMask, boolean enabled) {

        static Side of(StreamInput input) {
            return input == null
                    ? null
                    : new Side(
                            Form.of(input.latent()),
                            Form.of(input.sigma()),
                            Form.of(input.timesteps()),
                            new Same(input.geometry()),
                            new Same(input.text()),
                            new Same(input.selfMask()),
                            input.enabled());
        }
    }

    private record Key(Side video, Side audio, List<Perturbation> perturbations) {}

    /// One kind of pass: the tensors that its recording reads and writes, and the recording.
    private final class Pass implements AutoCloseable {

        private final Form videoVelocity; // null without picture
        private final Form audioVelocity; // null without sound
        private final TensorArena arena = new TensorArena();
        private StreamInput video;
        private StreamInput audio;
        private Velocity velocity;
        private Recorder.Recording recording; // null until the second time

        Pass(Velocity computed) {
            this.videoVelocity = computed.video() == null ? null : Form.of(computed.video());
            this.audioVelocity = computed.audio() == null ? null : Form.of(computed.audio());
        }

        Velocity velocity(StreamInput videoInput, StreamInput audioInput, List<Perturbation> perturbations) {
            PassKind kind = recording == null ? PassKind.RECORDED : PassKind.REPLAYED;
            if (recording == null) {
                recording = record(videoInput, audioInput, perturbations);
            } else {
                copy(videoInput, video);
                copy(audioInput, audio);
            }
            recording.replay();
            kind.count();
            return new Velocity(
                    velocity.video() == null ? null : velocity.video().copy(),
                    velocity.audio() == null ? null : velocity.audio().copy());
        }

        private Recorder.Recording record(
                StreamInput videoInput, StreamInput audioInput, List<Perturbation> perturbations) {
            try (TensorScope _ = TensorScope.open()) {
                video = kept(videoInput);
                audio = kept(audioInput);
                velocity = new Velocity(empty(videoVelocity), empty(audioVelocity));
                return recorder.record(() -> {
                    try (TensorScope _ = TensorScope.open()) {
                        Velocity made = transformer.forward(video, audio, perturbations);
                        copy(made.video(), velocity.video());
                        copy(made.audio(), velocity.audio());
                    }
                });
            }
        }

        private StreamInput kept(StreamInput input) {
            return input == null
                    ? null
                    : new StreamInput(
                            kept(input.latent()),
                            kept(input.sigma()),
                            kept(input.timesteps()),
                            input.geometry(),
                            input.text(),
                            input.selfMask(),
                            input.enabled());
        }

        private Tensor kept(Tensor tensor) {
            return empty(Form.of(tensor)).copyInPlace(tensor);
        }

        private Tensor empty(Form form) {
            return form == null
                    ? null
                    : arena.own(Tensor.empty(
                            form.type(),
                            transformer.device(),
                            form.shape().stream().mapToLong(Long::longValue).toArray()));
        }

        @Override
        public void close() {
            if (recording != null) {
                recording.close();
            }
            arena.close();
        }

        private static void copy(StreamInput from, StreamInput to) {
            if (from != null) {
                copy(from.latent(), to.latent());
                copy(from.sigma(), to.sigma());
                copy(from.timesteps(), to.timesteps());
            }
        }

        private static void copy(Tensor from, Tensor to) {
            if (from != null) {
                to.copyInPlace(from);
            }
        }
    }
}
