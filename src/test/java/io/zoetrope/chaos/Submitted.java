package io.zoetrope.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// What is kept of a run for the history, beside topics and store.
///
/// @param store       the kind of store
/// @param rules       that hold for this run
/// @param submissions all of them
record Submitted(Chaos.Store store, History.Rules rules, List<Submission> submissions) {

    private static final ObjectMapper JSON = new ObjectMapper().findAndRegisterModules();
    private static final String NAME = "submitted.json";

    void write(Path folder) throws IOException {
        JSON.writeValue(folder.resolve(NAME).toFile(), this);
    }

    static Submitted read(Path folder) throws IOException {
        return JSON.readValue(folder.resolve(NAME).toFile(), Submitted.class);
    }
}
