package io.zoetrope.engine;

import io.zoetrope.engine.sampling.LoopState;
import io.zoetrope.engine.sampling.LoopState.Form;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a denoising has after a step, and all that a later run of the same job needs to go on bit for bit: the phase,
/// the loop's own state, where the noise was when the phase began, and what earlier phases have left. Everything
/// given is made again from the job.
///
/// @param phase     from 0
/// @param phaseStep steps done in that phase, from 1
/// @param step      steps done in all phases, from 1
/// @param tensors   by name
public record DenoisingState(int phase, int phaseStep, int step, Map<String, Tensor> tensors) {

    private static final String PHASE = "phase";
    private static final String PHASE_STEP = "phase_step";
    private static final String STEP = "step";
    private static final String PHASE_NOISE = "phase.noise";
    private static final String SOUND = "phase.sound";
    private static final String VIDEO_BEFORE = "phase.before.video";
    private static final String AUDIO_BEFORE = "phase.before.audio";

    /// Where a phase began.
    ///
    /// @param noise  position of the job's random stream, before the phase drew from it
    /// @param before latents of the phase before, on their grids; null in the first phase
    /// @param sound  latent of the sound that is kept; null if its phase has not ended
    record Beginning(Tensor noise, Streams<Tensor> before, Tensor sound) {}

    public DenoisingState {
        tensors = Map.copyOf(tensors);
    }

    static DenoisingState of(int phase, int stepsBefore, Beginning beginning, LoopState loop) {
        Map<String, Tensor> tensors = new TreeMap<>(loop.tensors());
        tensors.put(PHASE_NOISE, beginning.noise());
        put(tensors, VIDEO_BEFORE, beginning.before().video());
        put(tensors, AUDIO_BEFORE, beginning.before().audio());
        put(tensors, SOUND, beginning.sound());
        return new DenoisingState(phase, loop.step(), stepsBefore + loop.step(), tensors);
    }

    /// Reads a state from a file's tensors and metadata.
    ///
    /// @throws IllegalArgumentException if the metadata are not those of a state
    public static DenoisingState of(Map<String, Tensor> tensors, Map<String, String> metadata) {
        return new DenoisingState(
                number(metadata, PHASE, 0), number(metadata, PHASE_STEP, 1), number(metadata, STEP, 1), tensors);
    }

    /// What a file says of the state beside its tensors.
    public Map<String, String> metadata() {
        return Map.of(PHASE, "" + phase, PHASE_STEP, "" + phaseStep, STEP, "" + step);
    }

    /// The same with tensors of its own, which belong to the scope of the caller. The latents of a run may be tensors
    /// of the state that it went on from, and outlive the file that those are views of.
    DenoisingState copied() {
        Map<String, Tensor> copies = new TreeMap<>();
        tensors.forEach((name, tensor) -> copies.put(name, tensor.copy()));
        return new DenoisingState(phase, phaseStep, step, copies);
    }

    Beginning beginning() {
        return new Beginning(
                tensors.get(PHASE_NOISE),
                new Streams<>(tensors.get(VIDEO_BEFORE), tensors.get(AUDIO_BEFORE)),
                tensors.get(SOUND));
    }

    LoopState loop() {
        return LoopState.among(phaseStep, tensors);
    }

    /// @param loop   what the loop's tensors must be
    /// @param before the forms of the latents of the phase before; empty streams in the first phase
    /// @param sound  the form of the sound that is kept; null if its phase has not ended
    /// @throws IllegalArgumentException naming everything that is missing, superfluous or of another form
    void requireFit(Map<String, Form> loop, Streams<Form> before, Form sound) {
        Map<String, Form> wanted = new TreeMap<>(loop);
        wanted.put(PHASE_NOISE, Form.of(DataType.UINT8, RandomStream.POSITION_BYTES));
        put(wanted, VIDEO_BEFORE, before.video());
        put(wanted, AUDIO_BEFORE, before.audio());
        put(wanted, SOUND, sound);
        TreeSet<String> names = new TreeSet<>(wanted.keySet());
        names.addAll(tensors.keySet());
        List<String> problems = new ArrayList<>();
        for (String name : names) {
            Form found = tensors.containsKey(name) ? Form.of(tensors.get(name)) : null;
            Form expected = wanted.get(name);
            if (expected == null || !expected.equals(found)) {
                problems.add("%s is %s, expected %s".formatted(name, orNothing(found), orNothing(expected)));
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "the state after step %d is not this job's: %s".formatted(step, String.join("; ", problems)));
        }
    }

    private static String orNothing(Form form) {
        return form == null ? "not there" : form.toString();
    }

    private static <T> void put(Map<String, T> all, String name, T value) {
        if (value != null) {
            all.put(name, value);
        }
    }

    private static int number(Map<String, String> metadata, String name, int least) {
        String text = metadata.get(name);
        if (text == null || !text.matches("\\d{1,9}") || Integer.parseInt(text) < least) {
            throw new IllegalArgumentException(
                    "%s of a state is '%s', expected a number of at least %d".formatted(name, text, least));
        }
        return Integer.parseInt(text);
    }
}
