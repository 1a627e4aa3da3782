package io.zoetrope.engine.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Copies tensors of the host, such as those of a mapped file, to a device.
///
/// A device reads memory by itself only where the system may not move it. Left alone its driver copies a
/// mapped file page by page; here one half of a pinned buffer is filled while the device reads the other.
///
///     file ─ copy ─▶ half 0 ─▶ device
///          ─ copy ─▶ half 1 ─▶
public final class Upload {

    /// The way of a half to the device.
    interface Line {

        /// Bytes of a half.
        long size();

        /// A half's memory on the host.
        ///
        /// @param index 0 or 1
        MemorySegment half(int index);

        /// Begins to copy the first bytes of a half to the device.
        ///
        /// @param target uint8 `[bytes]` on the device
        void send(int index, Tensor target);

        /// Waits until the device has read everything that was sent from a half.
        void await(int index);
    }

    private static final long HALF = 32L << 20;

    /// What is smaller goes as it is: the driver has a buffer for it.
    private static final long SMALLEST = 1 << 20;

    private static final Shortcut PINNED = new Shortcut("pinned memory", "weights are copied by the driver");
    private static final Map<Device, Upload> BY_DEVICE = new ConcurrentHashMap<>();

    private final Line line;
    private int next;

    Upload(Line line) {
        this.line = line;
    }

    /// A tensor of the host on `device`; itself if that is the CPU.
    public static Tensor to(Device device, Tensor tensor) {
        if (device.isCpu() || tensor.bytes() < SMALLEST) {
            return tensor.to(device);
        }
        Upload upload = PINNED.orElse(
                () -> BY_DEVICE.computeIfAbsent(device, _ -> new Upload(new CudaPinnedLine(device.index(), HALF))),
                () -> null);
        return upload == null ? tensor.to(device) : upload.copy(tensor, device);
    }

    /// @param source on the CPU
    synchronized Tensor copy(Tensor source, Device device) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor whole = source.contiguous();
            MemorySegment from = whole.memory();
            Tensor target = Tensor.empty(source.type(), device, source.shape());
            Tensor bytes = target.view(-1).bitsAs(DataType.UINT8);
            for (long begin = 0; begin < from.byteSize(); begin += line.size()) {
                long count = Math.min(line.size(), from.byteSize() - begin);
                line.await(next);
                MemorySegment.copy(from, begin, line.half(next), 0, count);
                line.send(next, bytes.narrow(0, begin, count));
                next = 1 - next;
            }
            return scope.keep(target);
        }
    }
}
