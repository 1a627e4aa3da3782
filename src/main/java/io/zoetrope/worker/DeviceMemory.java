package io.zoetrope.worker;

import io.zoetrope.engine.checkpoint.HostMemory;
import io.zoetrope.engine.tensor.Device;

/// How much memory a device has.
///
/// @param total bytes
public record DeviceMemory(long total) {

    private static final double USABLE = 0.9;

    /// The host's memory, or its container's share, for the CPU; the device's own for CUDA.
    public static DeviceMemory of(Device device) {
        return new DeviceMemory(device.isCpu() ? HostMemory.total() : device.totalMemory());
    }

    /// What jobs may use.
    public long usable() {
        return (long) (total * USABLE);
    }
}
