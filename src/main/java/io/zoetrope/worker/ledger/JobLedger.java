package io.zoetrope.worker.ledger;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.CancelCommand;
import io.zoetrope.audit.ReleaseReason;
import io.zoetrope.audit.Stage;
import io.zoetrope.request.CanonicalJson;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.intake.RecordPlace;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The book that all workers keep of a job: its request, the record that stands for it, its attempts and failures,
/// and whether it shall stop.
public final class JobLedger {

    /// An attempt at a job, from a worker's taking its record to its letting go.
    ///
    /// @param delivery how often the broker had delivered the record
    public record Attempt(String worker, int delivery, Instant at) {}

    /// A failure that speaks against the job itself.
    ///
    /// @param reserved bytes that the stage had reserved; 0 if memory was not what failed
    public record Failure(
            int attempt, String worker, Stage stage, ReleaseReason reason, String detail, long reserved, Instant at) {}

    /// A command to stop, kept until the job has ended.
    ///
    /// @param requestedBy who wants it; null if not said
    /// @param reason      why; null if not said
    /// @param at          when the command was published
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Cancellation(String requestedBy, String reason, Instant at) {

        public static Cancellation of(CancelCommand command, Instant at) {
            return new Cancellation(command.requestedBy(), command.reason(), at);
        }
    }

    private static final List<String> PASSING = List.of(
            "owner-", "attempt-", "failure-", "republished-", "cancel.json", "contexts-", "latents-", "checkpoint-");

    private final JobArtifacts artifacts;
    private final Clock clock;
    private final boolean keepIntermediate;

    /// @param keepIntermediate whether contexts and latents outlive their job
    public JobLedger(JobArtifacts artifacts, Clock clock, boolean keepIntermediate) {
        this.artifacts = artifacts;
        this.clock = clock;
        this.keepIntermediate = keepIntermediate;
    }

    /// Whether a record may work on its job. The first request under a job id is kept, and the first record of each
    /// queue stands for the job there, until another takes its place.
    ///
    /// @param canonical  the request
    /// @param supersedes the place of the record that this one was published for; empty if it says nothing of it
    public Ownership claimRequest(JobId job, byte[] canonical, RecordPlace place, Optional<RecordPlace> supersedes) {
        ArtifactKey key = ArtifactKey.requestOf(job);
        if (!artifacts.writeIfAbsent(key, canonical) && !Arrays.equals(artifacts.read(key), canonical)) {
            return Ownership.CONFLICT;
        }
        return claim(job, "requests", place, supersedes);
    }

    /// The same for a queue between stages.
    ///
    /// @param queue short name of the queue, a path segment
    public Ownership claim(JobId job, String queue, RecordPlace place, Optional<RecordPlace> supersedes) {
        ArtifactKey key = ownerOf(job, queue);
        byte[] ours = CanonicalJson.write(place);
        if (artifacts.writeIfAbsent(key, ours)) {
            return Ownership.OWNER;
        }
        Optional<RecordPlace> owner = owner(job, queue);
        if (owner.isEmpty() || owner.get().equals(place)) {
            return Ownership.OWNER; // vanished only because the job has just ended, which the caller finds out
        }
        if (owner.equals(supersedes)) {
            artifacts.write(key, ours);
            return Ownership.OWNER;
        }
        return Ownership.DUPLICATE;
    }

    /// The record that stands for the job in a queue.
    public Optional<RecordPlace> owner(JobId job, String queue) {
        return artifacts.find(ownerOf(job, queue)).map(json -> CanonicalJson.read(json, RecordPlace.class));
    }

    /// Allots the number of a new attempt: no two attempts at a job share one, whatever the broker counts.
    ///
    /// @return 1 or more
    public int openAttempt(JobId job, String worker, int delivery) {
        byte[] entry = CanonicalJson.write(new Attempt(worker, delivery, clock.instant()));
        return firstFree(job, "attempt-%d.json", entry);
    }

    /// Notes a failure that speaks against the job.
    ///
    /// @return how many there are now
    public int addFailure(JobId job, Failure failure) {
        return firstFree(job, "failure-%d.json", CanonicalJson.write(failure));
    }

    /// The largest reservation with which a stage of the job has run out of memory, in bytes; 0 if none has.
    public long exhausted(JobId job, Stage stage) {
        return artifacts.list(ArtifactKey.folderOf(job) + "failure-").stream()
                .map(key -> CanonicalJson.read(artifacts.read(key), Failure.class))
                .filter(failure -> failure.stage() == stage)
                .mapToLong(Failure::reserved)
                .max()
                .orElse(0);
    }

    /// Keeps a command to stop. The first one counts.
    ///
    /// @return the one that counts; empty if the job has ended
    public Optional<Cancellation> cancel(JobId job, Cancellation cancellation) {
        ArtifactKey key = cancelOf(job);
        artifacts.writeIfAbsent(key, CanonicalJson.write(cancellation));
        if (artifacts.exists(ArtifactKey.terminalOf(job))) {
            artifacts.delete(key);
            return Optional.empty();
        }
        return cancellation(job);
    }

    public Optional<Cancellation> cancellation(JobId job) {
        return artifacts.find(cancelOf(job)).map(json -> CanonicalJson.read(json, Cancellation.class));
    }

    /// Removes what a job needed only while it lasted, and media that its end does not name.
    ///
    /// @param named keys of the artifacts that the end of the job names
    public void tidy(JobId job, List<String> named) {
        for (ArtifactKey key : artifacts.list(ArtifactKey.folderOf(job))) {
            if (isPassing(key.name()) || isMedia(key.name()) && !named.contains(key.value())) {
                artifacts.delete(key);
            }
        }
    }

    private boolean isPassing(String name) {
        boolean kept = keepIntermediate && (name.startsWith("contexts-") || name.startsWith("latents-"));
        return !kept && PASSING.stream().anyMatch(name::startsWith);
    }

    private static boolean isMedia(String name) {
        return name.endsWith(".mp4") || name.endsWith(".wav") || name.endsWith(".png");
    }

    private int firstFree(JobId job, String form, byte[] entry) {
        int number = 1;
        while (!artifacts.writeIfAbsent(ArtifactKey.of(job, form.formatted(number)), entry)) {
            number++;
        }
        return number;
    }

    private static ArtifactKey ownerOf(JobId job, String queue) {
        return ArtifactKey.of(job, "owner-%s.json".formatted(queue));
    }

    private static ArtifactKey cancelOf(JobId job) {
        return ArtifactKey.of(job, "cancel.json");
    }
}
