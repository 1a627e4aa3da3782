package io.zoetrope.engine.tensor;

import java.lang.foreign.MemorySegment;
import org.bytedeco.pytorch.cuda.CUDAEvent;
import org.bytedeco.pytorch.global.torch_cuda;

/// Two halves of pinned memory, copied on the calling thread's stream, so that whatever the thread computes
/// next finds them there. Like [CudaMemory] never loaded by a build for the CPU. Lives as long as the
/// process.
final class CudaPinnedLine implements Upload.Line {

    private final int device;
    private final long size;
    private final Tensor[] halves = new Tensor[2]; // uint8 [size]
    private final CUDAEvent[] read = new CUDAEvent[2];

    /// @param size bytes of a half
    CudaPinnedLine(int device, long size) {
        this.device = device;
        this.size = size;
        try (TensorScope _ = TensorScope.open()) {
            for (int index = 0; index < halves.length; index++) {
                halves[index] = CudaPinned.copied(Tensor.empty(DataType.UINT8, Device.CPU, size))
                        .retain();
                read[index] = new CUDAEvent();
                read[index].retainReference();
            }
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public MemorySegment half(int index) {
        return halves[index].memory();
    }

    @Override
    public void send(int index, Tensor target) {
        Tensor source = halves[index].narrow(0, 0, target.count());
        target.handle().copy_(source.handle(), true);
        read[index].record(torch_cuda.getCurrentCUDAStream((byte) device));
    }

    @Override
    public void await(int index) {
        read[index].synchronize();
    }
}
