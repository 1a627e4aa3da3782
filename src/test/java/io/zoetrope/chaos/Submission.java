package io.zoetrope.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.request.JobId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// What clients have said about one job: all that the history is judged by, beside topics and store.
///
/// @param sample      name of the request
/// @param records     how often it was published, the first included
/// @param conflicts   how often another request was published under its id
/// @param cancelledAt when the broker had the first command to stop; null if there was none
record Submission(JobId job, String sample, int records, int conflicts, Instant cancelledAt) {

    private static final ObjectMapper JSON = new ObjectMapper().findAndRegisterModules();

    static void write(List<Submission> submissions, Path file) throws IOException {
        JSON.writeValue(file.toFile(), submissions);
    }

    static List<Submission> read(Path file) {
        try {
            return List.of(JSON.readValue(Files.readAllBytes(file), Submission[].class));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    Submission published() {
        return new Submission(job, sample, records + 1, conflicts, cancelledAt);
    }

    Submission contradicted() {
        return new Submission(job, sample, records, conflicts + 1, cancelledAt);
    }

    Submission cancelled(Instant at) {
        return new Submission(job, sample, records, conflicts, cancelledAt == null ? at : cancelledAt);
    }
}
