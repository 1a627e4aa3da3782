package io.zoetrope.cli;

import java.lang.management.ManagementFactory;

/// The memory of this machine, or of its container's share.
final class HostMemory {

    private HostMemory() {}

    /// Bytes.
    static long total() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getTotalMemorySize();
    }
}
