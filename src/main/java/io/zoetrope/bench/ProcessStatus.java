package io.zoetrope.bench;

import io.zoetrope.engine.tensor.ProcFile;
import java.io.IOException;
import java.nio.file.Path;

/// What Linux says of this process; 0 on other systems.
public final class ProcessStatus {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path TRANSFERS = Path.of("/proc/self/io");

    private ProcessStatus() {}

    /// Most memory that was resident, mapped files included.
    public static long peakBytes() throws IOException {
        return number(STATUS, "VmHWM:");
    }

    /// Memory that is resident now and is no file's: the heap, the stacks, tensors that are no views of a
    /// file.
    static long anonymousBytes() throws IOException {
        return number(STATUS, "RssAnon:");
    }

    /// Bytes that came from a disk until now, for mapped files too.
    static long readBytes() throws IOException {
        return number(TRANSFERS, "read_bytes:");
    }

    private static long number(Path file, String field) throws IOException {
        return ProcFile.number(file, field).orElse(0);
    }
}
