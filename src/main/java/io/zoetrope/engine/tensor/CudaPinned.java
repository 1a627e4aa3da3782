package io.zoetrope.engine.tensor;

/// Memory of the host that the system does not move, so that a CUDA device reads it by itself.
final class CudaPinned {

    private CudaPinned() {}

    /// A copy of a CPU tensor in pinned memory.
    ///
    /// @throws RuntimeException if the build, the driver or the system gives none
    static Tensor copied(Tensor tensor) {
        return new Tensor(tensor.handle().pin_memory());
    }
}
