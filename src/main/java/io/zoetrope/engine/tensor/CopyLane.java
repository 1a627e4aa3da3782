package io.zoetrope.engine.tensor;

/// A way from the host's memory into a few slots on a device beside which the device goes on computing.
///
///     host ─ fill ─▶ slot ─ await ─ computing ─ release ─▶ fill …
///
/// Nothing here makes the calling thread wait. A slot is filled after whatever had been computed when it
/// was released last; what is computed after it was awaited finds it filled.
public interface CopyLane extends AutoCloseable {

    /// Memory of the host from which slots are filled fastest. Belongs to the lane.
    ///
    /// @return uint8 `[bytes]`
    Tensor host(long bytes);

    /// Makes the slots, once.
    ///
    /// @return uint8 `[bytes]` each; they belong to the lane
    Tensor[] slots(int count, long bytes);

    /// Begins to copy `host` to the beginning of a slot.
    void fill(int slot, Tensor host);

    /// Lets what the calling thread computes next wait until the slot is filled.
    void await(int slot);

    /// Lets the next filling of the slot wait until what the calling thread has begun is computed.
    void release(int slot);

    /// Frees the memory of both sides. Nothing may be on its way.
    @Override
    void close();

    /// A lane to a CUDA device.
    static CopyLane to(Device device) {
        if (device.isCpu()) {
            throw new IllegalArgumentException("a lane to the CPU, whose memory is the host's");
        }
        return new CudaCopyLane(device);
    }
}
