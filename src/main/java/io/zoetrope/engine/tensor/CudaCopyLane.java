package io.zoetrope.engine.tensor;

import org.bytedeco.pytorch.cuda.CUDAEvent;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.global.torch_cuda;

/// Copies on a stream of its own, from pinned memory where there is some; events keep copying and computing
/// apart. Like [CudaMemory] never loaded by a build for the CPU.
final class CudaCopyLane implements CopyLane {

    private static final Shortcut PINNED =
            new Shortcut("pinned memory for weights", "they are copied from where the system moves them");

    private final Device device;
    private final TensorArena arena = new TensorArena();
    private final CUDAStream copying;
    private Tensor[] slots = {};
    private CUDAEvent[] filled = {};
    private CUDAEvent[] released = {};

    CudaCopyLane(Device device) {
        this.device = device;
        this.copying = torch_cuda.getStreamFromPool(false, (byte) device.index());
        copying.retainReference();
    }

    @Override
    public Tensor host(long bytes) {
        try (TensorScope _ = TensorScope.open()) {
            return arena.own(PINNED.orElse(
                    () -> Tensor.view(arena.own(CudaHostMemory.of(bytes)).segment(), DataType.UINT8, bytes),
                    () -> Tensor.empty(DataType.UINT8, Device.CPU, bytes)));
        }
    }

    @Override
    public Tensor[] slots(int count, long bytes) {
        slots = new Tensor[count];
        filled = new CUDAEvent[count];
        released = new CUDAEvent[count];
        try (TensorScope _ = TensorScope.open()) {
            for (int slot = 0; slot < count; slot++) {
                filled[slot] = new CUDAEvent().retainReference();
                released[slot] = new CUDAEvent().retainReference();
            }
            for (int slot = 0; slot < count; slot++) {
                slots[slot] = arena.own(Tensor.empty(DataType.UINT8, device, bytes));
                release(slot); // whoever had the memory before
            }
        }
        return slots.clone();
    }

    @Override
    public void fill(int slot, Tensor host) {
        CUDAStream computing = computing();
        released[slot].block(copying);
        torch_cuda.setCurrentCUDAStream(copying);
        try (Tensor target = slots[slot].narrow(0, 0, host.count())) {
            target.handle().copy_(host.handle(), true);
        } finally {
            torch_cuda.setCurrentCUDAStream(computing);
        }
        filled[slot].record(copying);
    }

    @Override
    public void await(int slot) {
        filled[slot].block(computing());
    }

    @Override
    public void release(int slot) {
        released[slot].record(computing());
    }

    private CUDAStream computing() {
        return torch_cuda.getCurrentCUDAStream((byte) device.index());
    }

    @Override
    public void close() {
        copying.synchronize();
        for (int slot = 0; slot < slots.length; slot++) {
            released[slot].synchronize(); // on whichever stream it was computed with
            filled[slot].close();
            released[slot].close();
        }
        copying.close();
        arena.close();
    }
}
