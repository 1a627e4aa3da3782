package io.zoetrope.engine.tensor;

import org.bytedeco.pytorch.cuda.DeviceStats;
import org.bytedeco.pytorch.global.torch_cuda;

/// Memory of CUDA devices. Kept apart because a build for the CPU lacks the classes behind it and must never load
/// this one.
final class CudaMemory {

    private CudaMemory() {}

    static long total(int device) {
        return torch_cuda.getAllocator().getMemoryInfo((byte) device).second();
    }

    /// Most bytes of tensors since the process began or [#forgetPeak].
    static long peak(int device) {
        try (DeviceStats statistics = torch_cuda.getAllocator().getDeviceStats((byte) device)) {
            return statistics.allocated_bytes().peak(); // the first of three counters: of all pools
        }
    }

    static void giveBack() {
        torch_cuda.getAllocator().emptyCache();
    }

    static void forgetPeak(int device) {
        torch_cuda.getAllocator().resetPeakStats((byte) device);
    }
}
