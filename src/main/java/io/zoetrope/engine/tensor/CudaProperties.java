package io.zoetrope.engine.tensor;

import org.bytedeco.cuda.cudart.cudaDeviceProp;
import org.bytedeco.pytorch.global.torch_cuda;

/// What a CUDA device says of itself. Like [CudaMemory] never loaded by a build for the CPU.
final class CudaProperties {

    private CudaProperties() {}

    /// Such as `NVIDIA H100 80GB HBM3`.
    static String name(int device) {
        return of(device).name().getString();
    }

    /// Ten times the major number and the minor one: 89 for compute capability 8.9.
    static int capability(int device) {
        cudaDeviceProp properties = of(device);
        return 10 * properties.major() + properties.minor();
    }

    private static cudaDeviceProp of(int device) {
        return torch_cuda.getDeviceProperties((byte) device); // LibTorch's own, for as long as the process lives
    }
}
