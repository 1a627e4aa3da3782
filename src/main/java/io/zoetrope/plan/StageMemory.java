package io.zoetrope.plan;

import io.zoetrope.capacity.MemoryDemand;

/// What each stage of a plan is predicted to need.
public record StageMemory(Use textEncode, Use denoise, Use decode) {

    /// Bytes of one stage.
    ///
    /// @param weights     of the networks it runs; they may be in memory already
    /// @param mapped      of the weights, what a CPU leaves in its file: the system reads it as it is needed and
    ///                    drops it when it needs room, so that it may be more than there is memory
    /// @param activations everything else at its fullest moment
    public record Use(long weights, long mapped, long activations) {

        /// What must fit into the device.
        public long bytes() {
            return weights - mapped + activations;
        }

        /// The demand for what must fit.
        ///
        /// @param purpose in words, such as `denoise of job 17`
        public MemoryDemand demand(String purpose) {
            return new MemoryDemand(purpose, bytes());
        }
    }

    /// The largest of the three.
    public long most() {
        return Math.max(textEncode.bytes(), Math.max(denoise.bytes(), decode.bytes()));
    }

    /// The name of the stage that needs most.
    public String mostNeededFor() {
        long most = most();
        return most == denoise.bytes() ? "denoise" : most == decode.bytes() ? "decode" : "text-encode";
    }
}
