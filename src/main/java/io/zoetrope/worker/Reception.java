package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.Origin;
import io.zoetrope.audit.ResultMessage;
import io.zoetrope.plan.DrawnSeed;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.plan.PlanOutcome;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestReader;
import io.zoetrope.worker.intake.Heritage;
import io.zoetrope.worker.ledger.JobLedger;
import io.zoetrope.worker.ledger.Ownership;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/// Receives requests: reads, checks and plans them. What cannot be done is rejected here, before a device is
/// touched; what was done already is only announced again; what another record stands for is let go.
@ApplicationScoped
class Reception {

    private static final Logger LOG = Logger.getLogger(Reception.class);

    private final ModelLibrary models;
    private final Admission admission;
    private final JobLedger ledger;
    private final Publisher publisher;
    private final Ending ending;
    private final StageFailures failures;
    private final WorkerIdentity worker;
    private final Clock clock;

    Reception(
            ModelLibrary models,
            Admission admission,
            JobLedger ledger,
            Publisher publisher,
            Ending ending,
            StageFailures failures,
            WorkerIdentity worker,
            Clock clock) {
        this.models = models;
        this.admission = admission;
        this.ledger = ledger;
        this.publisher = publisher;
        this.ending = ending;
        this.failures = failures;
        this.worker = worker;
        this.clock = clock;
    }

    /// The planned jobs, one for each record that is to be worked on.
    Multi<HeldJob> receive(Multi<Message<byte[]>> records) {
        return admission.admit(
                records, (message, record) -> receive(message, IncomingRequest.of(message.getPayload(), record)));
    }

    /// The planned job, or nothing if the record is settled.
    private Uni<HeldJob> receive(Message<byte[]> message, IncomingRequest incoming) {
        ParsedRequest parsed = RequestReader.read(incoming.data());
        byte[] canonical = parsed.isValid() ? parsed.request().toJson() : incoming.data();
        Heritage heritage = incoming.heritage();
        Ownership ownership = ledger.claimRequest(incoming.job(), canonical, heritage.place(), heritage.supersedes());
        if (ownership == Ownership.CONFLICT) {
            return reject(message, incoming, parsed, List.of(conflict(incoming)), false);
        }
        // Asked after claiming: an owner that ended in between has left its end, and nothing else.
        Optional<GenerationEvent> end = ending.of(incoming.job());
        if (end.isPresent()) {
            JobSummary before = JobSummary.of(requested(incoming));
            return admission.announce(
                    message, end.get(), before, parsed.request().metadata());
        }
        return ownership == Ownership.OWNER
                ? plan(message, incoming, parsed)
                : admission.letGo(message, incoming.job(), heritage);
    }

    private Uni<HeldJob> plan(Message<byte[]> message, IncomingRequest incoming, ParsedRequest parsed) {
        List<Problem> problems = new ArrayList<>(incoming.problems());
        PlanOutcome outcome = models.planner().plan(parsed, () -> DrawnSeed.of(incoming.job()));
        return switch (outcome) {
            case PlanOutcome.Refused(var found) -> {
                problems.addAll(found);
                yield reject(message, incoming, parsed, problems, true);
            }
            case PlanOutcome.Planned(var plan)
            when !problems.isEmpty() -> reject(message, incoming, parsed, problems, true);
            case PlanOutcome.Planned(var plan) -> accept(message, incoming, parsed, plan);
        };
    }

    private Uni<HeldJob> accept(
            Message<byte[]> message, IncomingRequest incoming, ParsedRequest parsed, GenerationPlan plan) {
        GenerationEvent.Requested requested = requested(incoming);
        Job job = Job.planned(
                incoming.job(), parsed.request(), plan, incoming.heritage().requestedAt());
        HeldJob held = admission.hold(job, message, incoming.record(), JobSummary.of(requested));
        return Uni.createFrom()
                .item(held)
                .invoke(() -> {
                    held.trail().begin(requested);
                    held.say(header -> new GenerationEvent.Accepted(
                            header,
                            worker.id(),
                            IncomingRequest.tree(plan.toJson()),
                            Provenances.of(plan, job.planDigest(), worker)));
                    admission.obeyCancellation(held);
                })
                .onFailure()
                .recoverWithUni(failure -> failures.failed(held, failure));
    }

    /// The dead letter and the fact are safe before the record is let go.
    private Uni<HeldJob> reject(
            Message<byte[]> message,
            IncomingRequest incoming,
            ParsedRequest parsed,
            List<Problem> problems,
            boolean firstOfItsName) {
        GenerationEvent.Requested requested = requested(incoming);
        Header header = new Header(incoming.job(), Math.max(1, incoming.record().deliveryCount()), 0, clock.instant());
        GenerationEvent.Rejected fact = new GenerationEvent.Rejected(header, problems);
        Map<String, String> metadata = parsed.request().metadata();
        // A second request under an id must not end the first one's job, nor speak in its trail.
        Uni<Void> said = firstOfItsName
                ? publish(requested).chain(() -> ending.end(fact, JobSummary.of(requested), metadata))
                : publisher.result(ResultMessage.of(fact, metadata, _ -> null));
        return publisher
                .deadLetter(deadLetter(incoming, problems))
                .chain(() -> said)
                .chain(() -> Admission.accept(message))
                .invoke(() -> LOG.infof("job %s rejected: %s", incoming.job(), problems));
    }

    private Uni<Void> publish(GenerationEvent.Requested fact) {
        return publisher.fact(fact).chain(() -> publisher.state(JobSummary.of(fact)));
    }

    private static GenerationEvent.Requested requested(IncomingRequest incoming) {
        Heritage heritage = incoming.heritage();
        return new GenerationEvent.Requested(
                Header.ofRequest(incoming.job(), heritage.requestedAt()),
                incoming.json(),
                new Origin(
                        incoming.source(),
                        heritage.origin().topic(),
                        heritage.origin().partition(),
                        heritage.origin().offset()));
    }

    private static Problem conflict(IncomingRequest incoming) {
        return new Problem(
                "", "conflicting-job", incoming.job().value(), "a new job id: this one has another request", null);
    }

    private DeadLetter deadLetter(IncomingRequest incoming, List<Problem> problems) {
        return new DeadLetter(
                incoming.job(),
                "rejected",
                "%d problems, the first: %s".formatted(problems.size(), problems.getFirst()),
                problems,
                JobHold.original(incoming.record(), incoming.original()),
                worker.id(),
                clock.instant());
    }
}
