package io.zoetrope.engine.tensor;

import org.bytedeco.pytorch.global.torch_cuda;

/// Memory of CUDA devices. Kept apart because a build for the CPU lacks the classes behind it and must never load
/// this one.
final class CudaMemory {

    private CudaMemory() {}

    static long total(int device) {
        return torch_cuda.getAllocator().getMemoryInfo((byte) device).second();
    }
}
