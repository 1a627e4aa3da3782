package io.zoetrope.engine.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// Numbers that Linux tells in text files, a line each: `MemAvailable:   19080424 kB`.
public final class ProcFile {

    private static final long KIBIBYTE = 1024;

    private ProcFile() {}

    /// @param file  below `/proc`
    /// @param field what the line begins with, such as `MemAvailable:`
    /// @return bytes, if the unit is kB; empty if there is no such file or line, as on other systems
    public static OptionalLong number(Path file, String field) throws IOException {
        if (!Files.exists(file)) {
            return OptionalLong.empty();
        }
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(ProcFile::number)
                .findFirst();
    }

    private static long number(String line) {
        long digits = Long.parseLong(line.replaceAll("\\D", ""));
        return line.endsWith(" kB") ? digits * KIBIBYTE : digits;
    }
}
