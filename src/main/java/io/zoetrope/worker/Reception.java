package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.HeaderSequence;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.Origin;
import io.zoetrope.plan.DrawnSeed;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.plan.PlanOutcome;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestReader;
import io.zoetrope.worker.intake.IntakeRecord;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Outgoing;
import org.jboss.logging.Logger;

/// Receives requests: reads, checks and plans them. What cannot be done is rejected here, before a device is
/// touched; what was done already is only announced again.
@ApplicationScoped
class Reception {

    private static final Logger LOG = Logger.getLogger(Reception.class);

    private final ModelLibrary models;
    private final JobArtifacts artifacts;
    private final Publisher publisher;
    private final Ending ending;
    private final StageFailures failures;
    private final WorkerIdentity worker;
    private final Clock clock;

    Reception(
            ModelLibrary models,
            JobArtifacts artifacts,
            Publisher publisher,
            Ending ending,
            StageFailures failures,
            WorkerIdentity worker,
            Clock clock) {
        this.models = models;
        this.artifacts = artifacts;
        this.publisher = publisher;
        this.ending = ending;
        this.failures = failures;
        this.worker = worker;
        this.clock = clock;
    }

    @Incoming(Channels.REQUESTS)
    @Outgoing(Channels.PLANNED)
    Multi<Message<Job>> receive(Multi<Message<byte[]>> records) {
        return records.onItem().transformToUniAndConcatenate(this::receive);
    }

    /// The planned job, or nothing if the record is settled.
    private Uni<Message<Job>> receive(Message<byte[]> message) {
        return Uni.createFrom()
                .item(() -> IncomingRequest.of(message.getPayload(), IntakeRecord.of(message)))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .chain(incoming -> receive(message, incoming))
                .onFailure()
                .recoverWithUni(failure -> failures.unreceived(message, failure));
    }

    private Uni<Message<Job>> receive(Message<byte[]> message, IncomingRequest incoming) {
        ParsedRequest parsed = RequestReader.read(incoming.data());
        var ended = ending.of(incoming.job());
        boolean same = isSame(incoming, parsed);
        if (ended.isPresent() && same) {
            LOG.infof("job %s has ended already", incoming.job());
            return ending.announce(ended.get(), parsed.request().metadata())
                    .chain(() -> Uni.createFrom().completionStage(message.ack()))
                    .replaceWith((Message<Job>) null);
        }
        List<Problem> problems = new ArrayList<>(incoming.problems());
        if (!same) {
            problems.add(new Problem(
                    "", "conflicting-job", incoming.job().value(), "a new job id: this one has another request", null));
        }
        PlanOutcome outcome = models.planner().plan(parsed, () -> DrawnSeed.of(incoming.job()));
        return switch (outcome) {
            case PlanOutcome.Refused(var found) -> {
                problems.addAll(found);
                yield reject(message, incoming, parsed, problems, same);
            }
            case PlanOutcome.Planned(var plan)
            when !problems.isEmpty() -> reject(message, incoming, parsed, problems, same);
            case PlanOutcome.Planned(var plan) -> accept(message, incoming, parsed, plan);
        };
    }

    /// The first request under a job id is kept; a later one must be the same.
    private boolean isSame(IncomingRequest incoming, ParsedRequest parsed) {
        ArtifactKey key = ArtifactKey.requestOf(incoming.job());
        byte[] canonical = parsed.isValid() ? parsed.request().toJson() : incoming.data();
        if (artifacts.writeIfAbsent(key, canonical)) {
            return true;
        }
        return artifacts
                .find(key)
                .map(first -> java.util.Arrays.equals(first, canonical))
                .orElse(true);
    }

    private Uni<Message<Job>> accept(
            Message<byte[]> message, IncomingRequest incoming, ParsedRequest parsed, GenerationPlan plan) {
        String digest = plan.digest();
        IntakeRecord record = incoming.record();
        int attempt = Math.max(1, record.deliveryCount());
        HeaderSequence headers = HeaderSequence.open(incoming.job(), attempt, clock);
        Trail trail = new Trail(publisher, headers);
        return requested(incoming)
                .invoke(() -> trail.say(header -> new GenerationEvent.Accepted(
                        header,
                        worker.id(),
                        IncomingRequest.tree(plan.toJson()),
                        Provenances.of(plan, digest, worker))))
                .chain(trail::settled)
                .map(_ -> message.withPayload(new Job(
                        incoming.job(),
                        attempt,
                        headers.position(),
                        parsed.request(),
                        plan,
                        digest,
                        record.timestamp(),
                        null,
                        Map.of(),
                        List.of())));
    }

    /// The dead letter and the fact are safe before the record is let go.
    private Uni<Message<Job>> reject(
            Message<byte[]> message,
            IncomingRequest incoming,
            ParsedRequest parsed,
            List<Problem> problems,
            boolean firstOfItsName) {
        Header header = new Header(incoming.job(), Math.max(1, incoming.record().deliveryCount()), 0, clock.instant());
        GenerationEvent.Rejected fact = new GenerationEvent.Rejected(header, problems);
        Map<String, String> metadata = parsed.request().metadata();
        // A second request under an id must not end the first one's job.
        Uni<Void> ended = firstOfItsName
                ? ending.end(fact, metadata)
                : publisher.result(io.zoetrope.audit.ResultMessage.of(fact, metadata, _ -> null));
        return requested(incoming)
                .chain(() -> publisher.deadLetter(deadLetter(incoming, problems)))
                .chain(() -> ended)
                .chain(() -> Uni.createFrom().completionStage(message.ack()))
                .invoke(() -> LOG.infof("job %s rejected: %s", incoming.job(), problems))
                .replaceWith((Message<Job>) null);
    }

    private Uni<Void> requested(IncomingRequest incoming) {
        IntakeRecord record = incoming.record();
        GenerationEvent fact = new GenerationEvent.Requested(
                Header.ofRequest(incoming.job(), record.timestamp()),
                incoming.json(),
                new Origin(incoming.source(), record.topic(), record.partition(), record.offset()));
        return publisher.fact(fact).chain(() -> publisher.state(JobSummary.of(fact)));
    }

    private DeadLetter deadLetter(IncomingRequest incoming, List<Problem> problems) {
        IntakeRecord record = incoming.record();
        Map<String, byte[]> headers = new HashMap<>();
        record.headers().forEach(header -> headers.put(header.key(), header.value()));
        return new DeadLetter(
                incoming.job(),
                "rejected",
                "%d problems, the first: %s".formatted(problems.size(), problems.getFirst()),
                problems,
                new DeadLetter.Original(
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        record.key() == null ? null : record.key().getBytes(StandardCharsets.UTF_8),
                        incoming.original(),
                        headers),
                worker.id(),
                clock.instant());
    }
}
