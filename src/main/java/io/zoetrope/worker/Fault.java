package io.zoetrope.worker;

import io.zoetrope.artifact.ArtifactException;
import io.zoetrope.audit.FailureCode;
import io.zoetrope.audit.ReleaseReason;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;

/// Whose fault a failure is, and so what becomes of the job.
sealed interface Fault {

    /// One sentence for people.
    String detail();

    /// Not a failure: the job was told to stop.
    record Stopped(Stop reason) implements Fault {
        @Override
        public String detail() {
            return reason.toString();
        }
    }

    /// The request asks for something that cannot be had. Nobody else will do better.
    record OfRequest(FailureCode code, String detail) implements Fault {}

    /// The surroundings failed; the job is innocent and is done elsewhere, or later.
    record OfSurroundings(ReleaseReason reason, String detail) implements Fault {}

    /// The job itself failed, perhaps by bad luck: a few more attempts are worth it.
    record OfJob(ReleaseReason reason, String detail) implements Fault {}

    static Fault of(Throwable failure) {
        return switch (failure) {
            case Stop.StoppedException stopped -> new Stopped(stopped.reason());
            case ConditionException unsuitable -> new OfRequest(FailureCode.BAD_CONDITION, oneLine(unsuitable));
            case MediaSourceException source ->
                new OfRequest(
                        source.retryable() ? FailureCode.SOURCE_UNAVAILABLE : FailureCode.SOURCE_REFUSED,
                        oneLine(source));
            case ArtifactException store -> new OfSurroundings(ReleaseReason.STORE_FAULT, oneLine(store));
            case KafkaException broker -> new OfSurroundings(ReleaseReason.BROKER_FAULT, oneLine(broker));
            case CompletionException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
            case ExecutionException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
            case StageThread.StageFailure wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
            default ->
                OutOfMemory.in(failure)
                        .<Fault>map(detail -> new OfJob(ReleaseReason.OUT_OF_MEMORY, detail))
                        .or(() -> device(failure))
                        .orElseGet(() -> new OfJob(ReleaseReason.STAGE_FAILED, oneLine(failure)));
        };
    }

    private static Optional<Fault> device(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        return text.contains("CUDA error") || text.contains("CUDNN_STATUS")
                ? Optional.of(new OfJob(ReleaseReason.DEVICE_FAULT, oneLine(failure)))
                : Optional.empty();
    }

    static String oneLine(Throwable failure) {
        String text = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return text.lines().findFirst().orElse("");
    }
}
