package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.zoetrope.artifact.ArtifactException;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.ReleaseReason;
import io.zoetrope.audit.Stage;
import io.zoetrope.worker.intake.ReleaseRecord;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/// What becomes of a job whose stage failed. A fault of the store or the broker is none of the job's: it is
/// given back and tried again. Anything else ends the job.
@ApplicationScoped
class StageFailures {

    private static final Logger LOG = Logger.getLogger(StageFailures.class);

    private final Ending ending;
    private final WorkerIdentity worker;

    StageFailures(Ending ending, WorkerIdentity worker) {
        this.ending = ending;
        this.worker = worker;
    }

    /// Settles the record of a job whose stage failed.
    <T> Uni<T> failed(Message<Job> message, Trail trail, Stage stage, Throwable failure) {
        Job job = message.getPayload();
        LOG.errorf(failure, "job %s failed in %s", job.id(), stage);
        if (failure instanceof ArtifactException fault && fault.retryable()) {
            trail.say(header ->
                    new GenerationEvent.Released(header, worker.id(), ReleaseReason.STORE_FAULT, fault.getMessage()));
            return trail.settled().chain(() -> release(message, fault));
        }
        GenerationEvent fact = fact(trail, stage, failure);
        return ending.end(fact, job.request().metadata())
                .chain(() -> Uni.createFrom().completionStage(message.ack()))
                .onFailure()
                .recoverWithUni(second -> release(message, second))
                .replaceWith((T) null);
    }

    /// What is wrong with something given is the request's fault.
    private GenerationEvent fact(Trail trail, Stage stage, Throwable failure) {
        var header = trail.headers().next();
        return switch (failure) {
            case ConditionException unsuitable ->
                new GenerationEvent.Failed(header, worker.id(), "bad-condition", false, oneLine(unsuitable));
            case MediaSourceException source ->
                new GenerationEvent.Failed(
                        header,
                        worker.id(),
                        source.retryable() ? "source-unavailable" : "source-refused",
                        source.retryable(),
                        oneLine(source));
            default ->
                new GenerationEvent.Failed(
                        header, worker.id(), "stage-failed", true, "%s: %s".formatted(stage, oneLine(failure)));
        };
    }

    /// Gives back a record that could not even be received.
    <T> Uni<T> unreceived(Message<?> message, Throwable failure) {
        LOG.errorf(failure, "a request could not be received");
        return release(message, failure);
    }

    private static <T> Uni<T> release(Message<?> message, Throwable failure) {
        return Uni.createFrom()
                .completionStage(() -> message.nack(new ReleaseRecord(oneLine(failure))))
                .replaceWith((T) null);
    }

    private static String oneLine(Throwable failure) {
        String text = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return text.lines().findFirst().orElse("");
    }
}
