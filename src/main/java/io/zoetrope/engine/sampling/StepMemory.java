package io.zoetrope.engine.sampling;

import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import java.util.Map;
import java.util.TreeMap;

/// All that lives from step to step in a run of the loop, besides its latents. It is in one place so that it can be
/// taken after any step and put back: whoever kept something elsewhere would make runs that cannot be resumed.
public final class StepMemory implements AutoCloseable {

    private final Map<String, Tensor> tensors = new TreeMap<>(); // by name and stream
    private final Map<String, RandomStream> noises = new TreeMap<>();

    private StepMemory() {}

    /// Of a run that begins.
    public static StepMemory empty() {
        return new StepMemory();
    }

    /// Of a run that goes on.
    static StepMemory of(LoopState state, Device device) {
        StepMemory memory = new StepMemory();
        try {
            state.noises().forEach((name, position) -> memory.noises.put(name, RandomStream.at(position)));
            state.remembered()
                    .forEach((name, tensor) ->
                            memory.tensors.put(name, tensor.to(device).retain()));
            return memory;
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /// The random stream of a name: a new one, or the one that the run goes on with.
    RandomStream noise(String name, long seed) {
        return noises.computeIfAbsent(name, _ -> RandomStream.seeded(seed));
    }

    /// Whether something was remembered under a name.
    boolean holds(String name) {
        return tensors.containsKey(LoopState.video(name)) || tensors.containsKey(LoopState.audio(name));
    }

    /// What was remembered under a name; null where nothing was. It stays here.
    Streams<Tensor> recall(String name) {
        return new Streams<>(tensors.get(LoopState.video(name)), tensors.get(LoopState.audio(name)));
    }

    /// Keeps copies in place of those before. What is null stays as it was.
    void remember(String name, Streams<Tensor> values) {
        remember(LoopState.video(name), values.video());
        remember(LoopState.audio(name), values.audio());
    }

    /// Everything that is here now, not copied.
    LoopState at(int step, Streams<Tensor> latents) {
        Map<String, Tensor> positions = new TreeMap<>();
        noises.forEach((name, noise) -> positions.put(name, noise.position()));
        return LoopState.of(step, latents, tensors, positions);
    }

    @Override
    public void close() {
        tensors.values().forEach(Tensor::close);
        tensors.clear();
        noises.values().forEach(RandomStream::close);
        noises.clear();
    }

    private void remember(String name, Tensor value) {
        if (value != null) {
            // The order in memory must be that of a tensor read from a file: kernels add in the order of memory.
            Tensor before = tensors.put(name, value.contiguous().copy().retain());
            if (before != null) {
                before.close();
            }
        }
    }
}
