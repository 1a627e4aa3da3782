package io.zoetrope.cli;

import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.request.JobId;

/// Job ids as people type them.
final class JobNames {

    private JobNames() {}

    /// @param where the argument, for the message
    /// @throws InputException if `name` is no job id
    static JobId read(String where, String name) {
        if (!JobId.isValid(name)) {
            throw new InputException("%s '%s'; expected 1 to 64 letters, digits, '_' or '-'".formatted(where, name));
        }
        return new JobId(name);
    }
}
