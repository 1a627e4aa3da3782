package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.Tensor;

/// Sees the predictions and latents of a run, `[B, T, C]`; must copy what it wants to keep.
public interface TraceListener {

    TraceListener NONE = new TraceListener() {
        @Override
        public void predicted(int step, String name, Streams<Tensor> clean) {
            // nobody looks
        }

        @Override
        public void stepped(int step, Streams<Tensor> latents) {
            // nobody looks
        }
    };

    /// The states that a phase starts from, noise mixed in, appended tokens included.
    default void began(int phase, Streams<LatentState> states) {
        // most look at steps only
    }

    /// The latents that a phase ends with, on their grids, `[1, C, F, H, W]` and `[1, Z, T, M]`.
    default void ended(int phase, Streams<Tensor> latents) {
        // most look at steps only
    }

    /// @param name code of the pass, or `guided`
    void predicted(int step, String name, Streams<Tensor> clean);

    /// The latents after a step.
    void stepped(int step, Streams<Tensor> latents);
}
