package io.zoetrope.worker.reaper;

import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.FailureCode;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.MessageCodec;
import io.zoetrope.audit.RepublicationReason;
import io.zoetrope.request.CanonicalJson;
import io.zoetrope.request.JobId;
import io.zoetrope.request.RequestReader;
import io.zoetrope.worker.intake.Heritage;
import io.zoetrope.worker.intake.RecordPlace;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/// What becomes of a job that has been silent for long. Its end, if it has one, is said again. If the broker still
/// has a record of it, it waits. Otherwise it is published again in the place of the record that stood for it, and
/// after a few times it is given up.
final class SilentJobs {

    /// A republication, as the artifact store keeps it: the number is in the key, so that exactly one reaper does it.
    ///
    /// @param supersedes place of the record that is replaced
    record Republication(String worker, Instant at, RecordPlace supersedes) {}

    private static final Logger LOG = Logger.getLogger(SilentJobs.class);

    private static final String OWNER = "owner-";
    private static final String OWNER_OF_REQUEST = "owner-requests.json";
    private static final String REPUBLISHED = "republished-%d.json";
    private static final String GIVEN_UP = "given-up";

    private final ReaperSettings settings;
    private final String worker;
    private final JobStore store;
    private final JobEnds ends;
    private final Outlet outlet;
    private final Queues queues;
    private final Clock clock;

    SilentJobs(
            ReaperSettings settings,
            String worker,
            JobStore store,
            JobEnds ends,
            Outlet outlet,
            Queues queues,
            Clock clock) {
        this.settings = settings;
        this.worker = worker;
        this.store = store;
        this.ends = ends;
        this.outlet = outlet;
        this.queues = queues;
        this.clock = clock;
    }

    /// Does for a silent job what is to be done.
    ///
    /// @param said when something was said of it last
    /// @return after how long to look again, if nothing is said of it until then
    Duration attend(JobSummary summary, Instant said) {
        JobId job = summary.job();
        Optional<byte[]> request = store.find(ArtifactKey.requestOf(job));
        Optional<GenerationEvent> end = ends.of(job);
        if (end.isPresent()) {
            LOG.infof("job %s has ended, which is not told in its state: it is said again", job);
            ends.announce(end.get(), summary, metadata(request));
            return settings.silence();
        }
        if (isWaiting(job, said)) {
            return settings.round();
        }
        Optional<RecordPlace> owner = place(ArtifactKey.of(job, OWNER_OF_REQUEST));
        if (request.isEmpty() || owner.isEmpty()) {
            LOG.warnf("job %s is silent, and the artifact store knows nothing of its request: left alone", job);
            return settings.silence();
        }
        return act(summary, request.get(), owner.get());
    }

    /// Whether the broker has a record of the job, or may have one.
    private boolean isWaiting(JobId job, Instant said) {
        return store.list(ArtifactKey.folderOf(job)).stream()
                        .filter(key -> key.name().startsWith(OWNER))
                        .map(this::place)
                        .flatMap(Optional::stream)
                        .anyMatch(queues::mayHold)
                || queues.mayBeHandedOver(said);
    }

    private Duration act(JobSummary summary, byte[] request, RecordPlace owner) {
        JobId job = summary.job();
        Instant now = clock.instant();
        int number = 1;
        for (Optional<Republication> done; (done = republication(job, number)).isPresent(); number++) {
            Instant at = done.get().at();
            Duration ago = Duration.between(at, now);
            if (ago.compareTo(settings.silence()) < 0) {
                return settings.silence().minus(ago);
            }
            if (queues.mayHoldAny(owner.topic(), at)) {
                return settings.round(); // it waits its turn
            }
        }
        if (number > settings.attempts()) {
            giveUp(summary, request, owner, number, now);
        } else {
            republish(summary, request, owner, number, now);
        }
        return settings.silence();
    }

    private void republish(JobSummary summary, byte[] request, RecordPlace owner, int number, Instant now) {
        JobId job = summary.job();
        byte[] entry = CanonicalJson.write(new Republication(worker, now, owner));
        if (!store.writeIfAbsent(ArtifactKey.of(job, REPUBLISHED.formatted(number)), entry)) {
            return; // another reaper was faster
        }
        LOG.warnf(
                "job %s is silent since %s and the broker has no record of it: published again, %d of %d",
                job, summary.updatedAt(), number, settings.attempts());
        outlet.fact(new GenerationEvent.Republished(
                Header.ofRepublication(job, number, now),
                worker,
                RepublicationReason.SILENCE,
                owner.topic(),
                owner.partition(),
                owner.offset()));
        outlet.request(owner.topic(), event(summary, request), headers(summary, owner));
    }

    private void giveUp(JobSummary summary, byte[] request, RecordPlace owner, int number, Instant now) {
        JobId job = summary.job();
        String detail = "the job fell silent %d times, at last as %s; its record was published again %d times"
                .formatted(number, summary.state().status(), number - 1);
        LOG.errorf("job %s is given up: %s", job, detail);
        var original = new DeadLetter.Original(
                owner.topic(),
                owner.partition(),
                owner.offset(),
                job.value().getBytes(StandardCharsets.UTF_8),
                request,
                bytes(event(summary, request).headers()));
        outlet.deadLetter(new DeadLetter(job, GIVEN_UP, detail, List.of(), original, worker, now));
        ends.end(
                new GenerationEvent.Failed(
                        Header.ofRepublication(job, number, now), worker, FailureCode.GIVEN_UP, detail),
                summary,
                metadata(Optional.of(request)));
    }

    /// The request as its author would publish it again.
    private CloudEvent event(JobSummary summary, byte[] request) {
        String source = summary.origin() == null || summary.origin().source() == null
                ? "/zoetrope/workers/" + worker
                : summary.origin().source();
        return new MessageCodec(URI.create(source), clock).request(summary.job(), request);
    }

    private static Map<String, String> headers(JobSummary summary, RecordPlace owner) {
        Map<String, String> headers = new HashMap<>();
        headers.put(Heritage.SUPERSEDES, owner.toString());
        if (summary.origin() != null) {
            headers.put(
                    Heritage.ORIGIN,
                    new RecordPlace(
                                    summary.origin().topic(),
                                    summary.origin().partition(),
                                    summary.origin().offset())
                            .toString());
        }
        if (summary.requestedAt() != null) {
            headers.put(Heritage.REQUESTED_AT, summary.requestedAt().toString());
        }
        return headers;
    }

    private Optional<Republication> republication(JobId job, int number) {
        return store.find(ArtifactKey.of(job, REPUBLISHED.formatted(number)))
                .map(json -> CanonicalJson.read(json, Republication.class));
    }

    private Optional<RecordPlace> place(ArtifactKey key) {
        return store.find(key).map(json -> CanonicalJson.read(json, RecordPlace.class));
    }

    private static Map<String, String> metadata(Optional<byte[]> request) {
        return request.map(json -> RequestReader.read(json).request().metadata())
                .orElse(Map.of());
    }

    private static Map<String, byte[]> bytes(Map<String, String> headers) {
        Map<String, byte[]> bytes = new HashMap<>();
        headers.forEach((name, value) -> bytes.put(name, value.getBytes(StandardCharsets.UTF_8)));
        return bytes;
    }
}
