package io.zoetrope.audit;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.zoetrope.request.Problem;
import java.util.List;
import java.util.Map;

/// Where a job stands, each state with what only this state knows. In JSON the field `status` names it.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "status")
@JsonSubTypes({
    @JsonSubTypes.Type(value = JobState.Requested.class, name = "requested"),
    @JsonSubTypes.Type(value = JobState.Accepted.class, name = "accepted"),
    @JsonSubTypes.Type(value = JobState.Running.class, name = "running"),
    @JsonSubTypes.Type(value = JobState.Released.class, name = "released"),
    @JsonSubTypes.Type(value = JobState.Rejected.class, name = "rejected"),
    @JsonSubTypes.Type(value = JobState.Cancelled.class, name = "cancelled"),
    @JsonSubTypes.Type(value = JobState.Failed.class, name = "failed"),
    @JsonSubTypes.Type(value = JobState.Completed.class, name = "completed")
})
public sealed interface JobState {

    /// Whether this state is for ever.
    default boolean terminal() {
        return switch (this) {
            case Rejected _, Cancelled _, Failed _, Completed _ -> true;
            case Requested _, Accepted _, Running _, Released _ -> false;
        };
    }

    /// The word for people and for the field `status`.
    default String status() {
        return switch (this) {
            case Requested _ -> "requested";
            case Accepted _ -> "accepted";
            case Running _ -> "running";
            case Released _ -> "released";
            case Rejected _ -> "rejected";
            case Cancelled _ -> "cancelled";
            case Failed _ -> "failed";
            case Completed _ -> "completed";
        };
    }

    /// Asked for, not yet taken by a worker.
    record Requested() implements JobState {}

    /// Taken by a worker, no stage begun.
    record Accepted(String worker) implements JobState {}

    /// In a stage, or between this stage and the next.
    ///
    /// @param step   steps of denoising done so far
    /// @param steps  how many there will be; 0 while nothing has said so
    /// @param worker who computes; null if the trail does not tell
    record Running(Stage stage, int step, int steps, String worker) implements JobState {}

    /// Given back, waiting for the next worker.
    record Released(ReleaseReason reason, String detail) implements JobState {}

    record Rejected(List<Problem> problems) implements JobState {}

    /// @param stage null if no stage had begun
    record Cancelled(Stage stage, int atStep) implements JobState {}

    record Failed(String code, boolean retryable, String detail) implements JobState {}

    record Completed(List<ArtifactReference> artifacts, Map<String, String> digests, Timings timings)
            implements JobState {}
}
