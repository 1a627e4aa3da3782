package io.zoetrope.engine;

import java.time.Duration;
import java.util.function.Supplier;

/// Follows a denoising, step by step, on its thread. It ends the run by throwing.
@FunctionalInterface
public interface DenoisingListener {

    DenoisingListener NONE = _ -> {};

    /// A step that was done.
    ///
    /// @param step     steps done in all phases, 1 to `steps`
    /// @param steps    of all phases
    /// @param sigma    noise level reached
    /// @param duration time that the step took
    /// @param state    what a later run needs to go on from here; nothing is copied. The run never writes over its
    ///                 tensors but closes them: whoever keeps them shares them while the listener is called
    record Step(int step, int steps, double sigma, Duration duration, Supplier<DenoisingState> state) {

        public boolean isLast() {
            return step == steps;
        }
    }

    void stepped(Step step);

    /// Asked where a run is about to do, or has done, something long that is no step: before a phase enlarges the
    /// picture of the one before and fuses its LoRAs, and between that and its first step.
    default void preparing() {}
}
