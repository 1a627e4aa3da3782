package io.zoetrope.engine.checkpoint;

import com.sun.management.OperatingSystemMXBean;
import io.zoetrope.engine.tensor.ProcFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.OptionalLong;

/// The memory of this machine, or of its container.
public final class HostMemory {

    private static final Path MACHINE = Path.of("/proc/meminfo");
    private static final Path PROCESS = Path.of("/proc/self/status");

    private HostMemory() {}

    /// Bytes of the machine, or its container's share.
    public static long total() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    /// What pages of files may take now: bytes that are free or hold such pages already. Half of the memory where the
    /// system does not tell.
    public static long forPages() {
        long total = total();
        try {
            OptionalLong available = ProcFile.number(MACHINE, "MemAvailable:");
            OptionalLong own = ProcFile.number(PROCESS, "RssAnon:");
            // The first knows nothing of a container's limit, the second of other processes.
            return Math.min(available.orElse(total / 2), total - own.orElse(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
