package io.zoetrope.engine.tensor;

import java.lang.foreign.MemorySegment;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Pointer;

/// Pinned memory of the host, in exactly the wanted size: LibTorch's own allocator rounds up to powers of
/// two. Like [CudaMemory] never loaded by a build for the CPU.
final class CudaHostMemory implements AutoCloseable {

    private final Pointer memory;
    private final long bytes;

    private CudaHostMemory(Pointer memory, long bytes) {
        this.memory = memory;
        this.bytes = bytes;
    }

    /// @throws IllegalStateException if the system does not give it
    static CudaHostMemory of(long bytes) {
        Pointer memory = new Pointer();
        int code = cudart.cudaHostAlloc(memory, bytes, cudart.cudaHostAllocDefault);
        if (code != 0) {
            int _ = cudart.cudaGetLastError(); // or the next operator would report it
            throw new IllegalStateException("%d bytes of pinned memory: error %d of CUDA".formatted(bytes, code));
        }
        return new CudaHostMemory(memory, bytes);
    }

    /// Valid until this is closed.
    MemorySegment segment() {
        return MemorySegment.ofAddress(memory.address()).reinterpret(bytes);
    }

    @Override
    public void close() {
        int code = cudart.cudaFreeHost(memory);
        if (code != 0) {
            throw new IllegalStateException("pinned memory could not be freed: error %d of CUDA".formatted(code));
        }
    }
}
