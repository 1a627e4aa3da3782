package io.zoetrope.engine.tensor;

/// Records what a thread computes on a device, to have it done again with one call: a CUDA graph. What it
/// costs to start hundreds of small operators one by one is paid once.
///
/// Recorded work reads and writes the very memory that it had while it was recorded. So it takes its inputs
/// from, and puts its results into, tensors that were there before and stay until the recording is closed;
/// what it makes on the way belongs to the recorder. It may not look at results, copy from the host, or
/// wait.
public interface Recorder extends AutoCloseable {

    /// Work that can be done again.
    interface Recording extends AutoCloseable {

        /// Begins to do the work, in order with whatever else the calling thread computes on the device.
        void replay();

        /// Frees it. Nobody may wait for a replay any more.
        @Override
        void close();
    }

    /// Records `work`, which is not computed thereby, or for nothing. It must have been computed before by
    /// this thread, so that everything that is made once is there.
    ///
    /// @throws RuntimeException if `work` fails, or does what cannot be recorded
    Recording record(Runnable work);

    /// Frees the memory of what recordings made on the way; they are closed before.
    @Override
    void close();

    /// The device's recorder, which belongs to the calling thread; null for the CPU.
    static Recorder of(Device device) {
        return device.isCpu() ? null : new CudaGraphRecorder(device.index());
    }
}
