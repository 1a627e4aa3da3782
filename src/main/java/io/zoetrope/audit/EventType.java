package io.zoetrope.audit;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// The name and version under which each fact travels. A change that readers would notice gets a new version.
public enum EventType {
    REQUESTED("requested", GenerationEvent.Requested.class),
    REJECTED("rejected", GenerationEvent.Rejected.class),
    ACCEPTED("accepted", GenerationEvent.Accepted.class),
    STAGE_STARTED("stage-started", GenerationEvent.StageStarted.class),
    PROMPT_ENHANCED("prompt-enhanced", GenerationEvent.PromptEnhanced.class),
    STEP_COMPLETED("step-completed", GenerationEvent.StepCompleted.class),
    STAGE_COMPLETED("stage-completed", GenerationEvent.StageCompleted.class),
    RELEASED("released", GenerationEvent.Released.class),
    RESUMED("resumed", GenerationEvent.Resumed.class),
    CHECKPOINT_IGNORED("checkpoint-ignored", GenerationEvent.CheckpointIgnored.class),
    REPUBLISHED("republished", GenerationEvent.Republished.class),
    CANCEL_REQUESTED("cancel-requested", GenerationEvent.CancelRequested.class),
    CANCELLED("cancelled", GenerationEvent.Cancelled.class),
    FAILED("failed", GenerationEvent.Failed.class),
    COMPLETED("completed", GenerationEvent.Completed.class);

    private static final String PREFIX = "io.zoetrope.generation.";

    private final String word;
    private final Class<? extends GenerationEvent> record;

    EventType(String word, Class<? extends GenerationEvent> record) {
        this.word = word;
        this.record = record;
    }

    /// The CloudEvents `type`, such as `io.zoetrope.generation.requested.v1`.
    public String typeName() {
        return PREFIX + schema();
    }

    /// Name of the JSON Schema of the data, such as `requested.v1`.
    public String schema() {
        return word + ".v1";
    }

    /// The short word for people, such as `requested`.
    public String word() {
        return word;
    }

    Class<? extends GenerationEvent> record() {
        return record;
    }

    public static EventType of(GenerationEvent event) {
        return switch (event) {
            case GenerationEvent.Requested _ -> REQUESTED;
            case GenerationEvent.Rejected _ -> REJECTED;
            case GenerationEvent.Accepted _ -> ACCEPTED;
            case GenerationEvent.StageStarted _ -> STAGE_STARTED;
            case GenerationEvent.PromptEnhanced _ -> PROMPT_ENHANCED;
            case GenerationEvent.StepCompleted _ -> STEP_COMPLETED;
            case GenerationEvent.StageCompleted _ -> STAGE_COMPLETED;
            case GenerationEvent.Released _ -> RELEASED;
            case GenerationEvent.Resumed _ -> RESUMED;
            case GenerationEvent.CheckpointIgnored _ -> CHECKPOINT_IGNORED;
            case GenerationEvent.Republished _ -> REPUBLISHED;
            case GenerationEvent.CancelRequested _ -> CANCEL_REQUESTED;
            case GenerationEvent.Cancelled _ -> CANCELLED;
            case GenerationEvent.Failed _ -> FAILED;
            case GenerationEvent.Completed _ -> COMPLETED;
        };
    }

    public static Optional<EventType> named(String typeName) {
        return Arrays.stream(values())
                .filter(type -> type.typeName().equals(typeName))
                .findFirst();
    }

    static String allNames() {
        return Arrays.stream(values()).map(EventType::typeName).collect(Collectors.joining(", "));
    }
}
