package io.zoetrope.engine.sampling;

import java.time.Duration;

/// Follows a run, step by step, on its thread.
@FunctionalInterface
public interface StepListener {

    StepListener NONE = (_, _, _, _) -> true;

    /// @param step     steps done, 1 to `steps`
    /// @param sigma    noise level reached
    /// @param duration time that the step took
    /// @return whether to go on; false ends the run with a [StoppedException]
    boolean stepped(int step, int steps, double sigma, Duration duration);

    /// The listener to a part of a run.
    ///
    /// @param before steps of the parts before it
    /// @param steps  of the whole run
    default StepListener partOf(int before, int steps) {
        return (step, _, sigma, duration) -> stepped(before + step, steps, sigma, duration);
    }

    /// A run that its listener ended.
    final class StoppedException extends RuntimeException {

        private final int step;

        StoppedException(int step) {
            super("stopped after step " + step);
            this.step = step;
        }

        /// Steps that were done.
        public int step() {
            return step;
        }
    }
}
