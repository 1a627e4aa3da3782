package io.zoetrope.engine.layer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;

/// Each token by itself: linear to four times the width, gelu in its tanh form, linear back.
public final class FeedForward {

    private static final long EXPANSION = 4;

    private final Linear expand; // D → 4 · D
    private final Linear contract; // 4 · D → D

    private FeedForward(Linear expand, Linear contract) {
        this.expand = expand;
        this.contract = contract;
    }

    /// Reads `net.0.proj` and `net.2`; index 1 held a dropout.
    public static FeedForward load(long width, boolean bias, Weights weights) {
        Weights first = weights.under("net.0.proj");
        Weights second = weights.under("net.2");
        long inner = EXPANSION * width;
        return bias
                ? new FeedForward(Linear.load(width, inner, first), Linear.load(inner, width, second))
                : new FeedForward(Linear.withoutBias(width, inner, first), Linear.withoutBias(inner, width, second));
    }

    /// @param hidden `[B, T, D]`
    /// @return `[B, T, D]`
    public Tensor forward(Tensor hidden) {
        return contract.forward(expand.forward(hidden).geluTanh());
    }
}
