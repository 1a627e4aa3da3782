package io.zoetrope.worker;

import java.nio.file.Path;

/// Where the sources of conditions are found.
@FunctionalInterface
public interface SourceFiles {

    /// @param field  of the request, for messages
    /// @param source as the request names it
    /// @param folder for files that have to be copied; the caller deletes it
    /// @return a file that can be read
    Path fetch(String field, String source, Path folder);
}
