package io.zoetrope.verify;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.Map;
import java.util.function.IntFunction;

/// Copies states and steps of a run as tokens, appended ones included.
final class TokenTrace implements TraceListener {

    private final Map<String, Tensor> results;
    private final TensorScope scope;
    private final IntFunction<String> prefix;
    private int phase;

    /// @param prefix of a phase's names
    TokenTrace(Map<String, Tensor> results, TensorScope scope, IntFunction<String> prefix) {
        this.results = results;
        this.scope = scope;
        this.prefix = prefix;
    }

    @Override
    public void began(int index, Streams<LatentState> states) {
        phase = index;
        put("state.video", states.video().latent());
        put("state.audio", states.audio().latent());
        put("state.video", states.video());
        put("state.audio", states.audio());
    }

    @Override
    public void ended(int index, Streams<Tensor> latents) {
        put("video_latent", latents.video());
        put("audio_latent", latents.audio());
    }

    @Override
    public void predicted(int step, String name, Streams<Tensor> clean) {
        // the cases show whole steps only
    }

    @Override
    public void stepped(int step, Streams<Tensor> latents) {
        put("step.%02d.video".formatted(step), latents.video());
        put("step.%02d.audio".formatted(step), latents.audio());
    }

    private void put(String stream, LatentState state) {
        put(stream + ".latent", state.latent());
        put(stream + ".clean", state.clean());
        put(stream + ".denoise_mask", state.mask());
        put(stream + ".positions", state.positions());
        if (state.attention() != null) {
            put(stream + ".attention_mask", state.attention());
        }
    }

    private void put(String name, Tensor tensor) {
        results.put(prefix.apply(phase) + name, scope.keep(tensor.copy()));
    }
}
