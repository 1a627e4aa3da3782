package io.zoetrope.engine.tensor;

import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.global.torch_cuda;

/// Streams of CUDA devices: queues whose work runs in order. Like [CudaMemory] never loaded by a build for
/// the CPU.
final class CudaStreams {

    /// What a thread computes on.
    private record Entered(int device, CUDAStream stream) {}

    private static final ThreadLocal<Entered> ENTERED = new ThreadLocal<>();

    private CudaStreams() {}

    /// Gives the calling thread a stream of its own, unless it has one on this device already.
    static void enter(int device) {
        Entered entered = ENTERED.get();
        if (entered == null || entered.device() != device) {
            torch_cuda.set_device((byte) device);
            CUDAStream stream = torch_cuda.getStreamFromPool(false, (byte) device);
            stream.retainReference();
            torch_cuda.setCurrentCUDAStream(stream);
            ENTERED.set(new Entered(device, stream));
        }
    }

    /// Waits until the calling thread's stream is empty.
    static void finish(int device) {
        torch_cuda.getCurrentCUDAStream((byte) device).synchronize();
    }
}
