package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.zoetrope.audit.Stage;
import io.zoetrope.worker.kafka.Topics;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.common.header.internals.RecordHeaders;

/// Hands jobs to workers that do the next stage. The record of the stage before is let go when the one of the next is
/// safe; if the worker dies in between there are two of the next, and the first stands for the job.
@ApplicationScoped
class StageHandover {

    private final Publisher publisher;
    private final StageFailures failures;
    private final Topics topics;

    StageHandover(Publisher publisher, StageFailures failures, WorkerConfig config) {
        this.publisher = publisher;
        this.failures = failures;
        this.topics = new Topics(config.topics());
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
                .chain(() -> publisher.again(
                        topic, key, new RecordHeaders(), StageTicket.of(held).toJson()))
                .chain(() -> held.hold().accept())
                .replaceWith(held);
    }

    private static Topics.Queue queue(Stage next) {
        return switch (next) {
            case TEXT_ENCODE -> Topics.Queue.REQUESTS;
            case DENOISE -> Topics.Queue.ENCODED;
            case DECODE -> Topics.Queue.DENOISED;
        };
    }
}
