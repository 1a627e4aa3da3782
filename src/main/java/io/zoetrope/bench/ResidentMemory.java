package io.zoetrope.bench;

import java.io.IOException;

/// Memory of a process that is resident, bytes; 0 where the system does not tell.
///
/// @param peak      most that was resident so far: pages of mapped files, weights among them, and all else
/// @param anonymous what is resident now without pages of files
public record ResidentMemory(long peak, long anonymous) {

    /// Of this process.
    public static ResidentMemory now() throws IOException {
        return new ResidentMemory(ProcessStatus.peakBytes(), ProcessStatus.anonymousBytes());
    }
}
