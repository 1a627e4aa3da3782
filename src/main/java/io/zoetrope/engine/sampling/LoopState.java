package io.zoetrope.engine.sampling;

import io.zoetrope.engine.sampling.DenoisingLoop.Settings;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// What a run of the loop has after a step: its latents, what the sampler and the guidance remember, and the positions
/// of their random streams. Nothing but the latents after the last step.
///
/// Positions are kept as the whole state of the generator. Drawing again from the seed would give the same numbers,
/// but then every sampler would have to know what it draws in which step, and a resumed run would draw it all.
///
/// @param step    steps done, from 1
/// @param tensors by name; they live as long as their owner says
public record LoopState(int step, Map<String, Tensor> tensors) {

    /// What a tensor must be.
    ///
    /// @param shape of it
    public record Form(DataType type, List<Long> shape) {

        public static Form of(DataType type, long... shape) {
            return new Form(type, java.util.Arrays.stream(shape).boxed().toList());
        }

        public static Form of(Tensor tensor) {
            return of(tensor.type(), tensor.shape());
        }

        @Override
        public String toString() {
            return "%s %s".formatted(type, shape);
        }
    }

    private static final String LATENT = "latent";
    private static final String MEMORY = "memory.";
    private static final String NOISE = "noise.";

    public LoopState {
        tensors = Map.copyOf(tensors);
    }

    /// @param remembered by name and stream
    /// @param noises     positions by name
    static LoopState of(int step, Streams<Tensor> latents, Map<String, Tensor> remembered, Map<String, Tensor> noises) {
        Map<String, Tensor> tensors = new TreeMap<>();
        put(tensors, LATENT, latents);
        remembered.forEach((name, tensor) -> tensors.put(MEMORY + name, tensor));
        noises.forEach((name, position) -> tensors.put(NOISE + name, position));
        return new LoopState(step, tensors);
    }

    /// The loop's part of tensors that hold other things too.
    public static LoopState among(int step, Map<String, Tensor> tensors) {
        Set<String> others = tensors.keySet().stream()
                .filter(name -> !name.startsWith(LATENT + ".") && !name.startsWith(MEMORY) && !name.startsWith(NOISE))
                .collect(Collectors.toSet());
        Map<String, Tensor> ours = new TreeMap<>(tensors);
        ours.keySet().removeAll(others);
        return new LoopState(step, ours);
    }

    /// What the tensors of a state must be.
    ///
    /// @param step    steps done, 1 to all
    /// @param latents of the tokens, `[1, T, C]`
    public static Map<String, Form> forms(Settings settings, int step, Streams<Form> latents) {
        Map<String, Form> forms = new TreeMap<>();
        put(forms, LATENT, latents);
        if (step < settings.steps()) {
            Guidance guidance = settings.guidance();
            put(
                    forms,
                    MEMORY + GuidedDenoiser.GUIDED,
                    new Streams<>(
                            guidance.video().skips() ? latents.video() : null,
                            guidance.audio().skips() ? latents.audio() : null));
            settings.sampler().remembered().forEach(name -> put(forms, MEMORY + name, latents));
            settings.sampler()
                    .noises()
                    .forEach(name -> forms.put(NOISE + name, Form.of(DataType.UINT8, RandomStream.POSITION_BYTES)));
        }
        return forms;
    }

    /// The tokens' latents, `[1, T, C]` each.
    public Streams<Tensor> latents(Device device) {
        Streams<Tensor> latents = new Streams<>(tensors.get(video(LATENT)), tensors.get(audio(LATENT)));
        return latents.map(latent -> latent.to(device));
    }

    Map<String, Tensor> remembered() {
        return under(MEMORY);
    }

    Map<String, Tensor> noises() {
        return under(NOISE);
    }

    static String video(String name) {
        return name + ".video";
    }

    static String audio(String name) {
        return name + ".audio";
    }

    private Map<String, Tensor> under(String prefix) {
        UnaryOperator<String> rest = name -> name.substring(prefix.length());
        Map<String, Tensor> found = new TreeMap<>();
        tensors.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                found.put(rest.apply(name), tensor);
            }
        });
        return found;
    }

    private static <T> void put(Map<String, T> all, String name, Streams<T> both) {
        if (both.video() != null) {
            all.put(video(name), both.video());
        }
        if (both.audio() != null) {
            all.put(audio(name), both.audio());
        }
    }
}
