package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.zoetrope.audit.Stage;
import io.zoetrope.worker.intake.Heritage;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.ledger.JobLedger;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.internals.RecordHeaders;

/// Hands jobs to workers that do the next stage. The record of the stage before is let go when the one of the next is
/// safe; if the worker dies in between there are two of the next, and the first stands for the job. All that was
/// said of a job is safe before another worker can be given it, and comes before what that one says.
@ApplicationScoped
class StageHandover {

    private final Publisher publisher;
    private final JobLedger ledger;
    private final StageFailures failures;
    private final Topics topics;

    @Inject
    StageHandover(Publisher publisher, JobLedger ledger, StageFailures failures, WorkerConfig config) {
        this(publisher, ledger, failures, new Topics(config.topics()));
    }

    StageHandover(Publisher publisher, JobLedger ledger, StageFailures failures, Topics topics) {
        this.publisher = publisher;
        this.ledger = ledger;
        this.failures = failures;
        this.topics = topics;
    }

    /// @param next the stage that others do
    Multi<HeldJob> handOver(Multi<HeldJob> jobs, Stage next) {
        return jobs.onItem()
                .transformToUniAndConcatenate(held ->
                        handOver(held, next).onFailure().recoverWithUni(failure -> failures.failed(held, failure)));
    }

    private Uni<HeldJob> handOver(HeldJob held, Stage next) {
        String topic = topics.queue(queue(next), held.job().request().priorityOrDefault());
        String key = held.job().id().value();
        return held.trail()
                .settled()
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .chain(() -> publisher.again(
                        topic, key, headers(held, next), StageTicket.of(held).toJson()))
                .chain(() -> held.hold().accept())
                .replaceWith(held);
    }

    /// A request that was published again stands for one whose line broke off somewhere: what it hands over takes the
    /// place of what was handed over before.
    private RecordHeaders headers(HeldJob held, Stage next) {
        RecordHeaders headers = new RecordHeaders();
        if (Heritage.of(held.hold().record()).supersedes().isPresent()) {
            ledger.owner(held.job().id(), next.label())
                    .ifPresent(before ->
                            headers.add(Heritage.SUPERSEDES, before.toString().getBytes(StandardCharsets.UTF_8)));
        }
        return headers;
    }

    private static Topics.Queue queue(Stage next) {
        return switch (next) {
            case TEXT_ENCODE -> Topics.Queue.REQUESTS;
            case DENOISE -> Topics.Queue.ENCODED;
            case DECODE -> Topics.Queue.DENOISED;
        };
    }
}
