package io.zoetrope.engine.sampling;

import java.time.Duration;
import java.util.function.Supplier;

/// Follows a run of the loop on its thread; ends it by throwing.
@FunctionalInterface
public interface LoopListener {

    /// @param step     steps done, from 1
    /// @param sigma    noise level reached
    /// @param duration time that the step took
    /// @param state    what the loop has now; its tensors are the loop's own and must be copied during this call
    void stepped(int step, double sigma, Duration duration, Supplier<LoopState> state);
}
