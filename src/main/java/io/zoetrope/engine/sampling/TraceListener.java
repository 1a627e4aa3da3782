package io.zoetrope.engine.sampling;

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

    /// @param name code of the pass, or `guided`
    void predicted(int step, String name, Streams<Tensor> clean);

    /// The latents after a step.
    void stepped(int step, Streams<Tensor> latents);
}
