package io.zoetrope.audit;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Problem;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// A fact about one job. Facts are appended, never changed; the state of a job is what [JobHistory] makes of them.
///
/// Exactly one of a job's facts is terminal ([Rejected], [Cancelled], [Failed] or [Completed]). All four have
/// the same event id, so that a second announcement of the end is recognised whatever it says.
public sealed interface GenerationEvent {

    Header header();

    default JobId job() {
        return header().job();
    }

    /// Deterministic: whoever says the same fact again says it under the same id.
    default String id() {
        return terminal() ? job() + "/terminal" : "%s/%d/%d".formatted(job(), header().attempt(), header().sequence());
    }

    /// Whether the job ends with this fact.
    default boolean terminal() {
        return switch (this) {
            case Rejected _, Cancelled _, Failed _, Completed _ -> true;
            case Requested _,
                    Accepted _,
                    StageStarted _,
                    PromptEnhanced _,
                    StepCompleted _,
                    StageCompleted _,
                    Released _,
                    Resumed _,
                    CancelRequested _ -> false;
        };
    }

    /// Someone asked for a clip. Said by the worker that first reads the record, in attempt 0.
    ///
    /// @param request what was asked for, untouched
    /// @param origin  who asked and through which record; null if there was no record
    record Requested(Header header, JsonNode request, Origin origin) implements GenerationEvent {
        public Requested {
            Objects.requireNonNull(header, "header");
            Required.present("request", request);
        }
    }

    /// The request cannot be served by anyone. Terminal.
    ///
    /// @param problems everything that is wrong with it, at least one
    record Rejected(Header header, List<Problem> problems) implements GenerationEvent {
        public Rejected {
            Objects.requireNonNull(header, "header");
            problems = problems == null ? List.of() : List.copyOf(problems);
            Required.atLeast(1, "number of problems", problems.size());
        }
    }

    /// A worker took the job and knows how to do it.
    ///
    /// @param worker     the worker's id
    /// @param plan       every setting with its value, defaults filled in
    /// @param provenance what the clip will be made from
    record Accepted(Header header, String worker, JsonNode plan, Provenance provenance) implements GenerationEvent {
        public Accepted {
            Objects.requireNonNull(header, "header");
            Required.text("worker", worker);
            Required.present("plan", plan);
            Required.present("provenance", provenance);
        }
    }

    /// @param device what computes, such as `cpu` or `cuda:0 NVIDIA H100`; null if the stage computes nothing
    record StageStarted(Header header, Stage stage, String worker, String device) implements GenerationEvent {
        public StageStarted {
            Objects.requireNonNull(header, "header");
            Required.present("stage", stage);
            Required.text("worker", worker);
            device = Required.textOrNull(device);
        }
    }

    /// The text model was asked to rewrite the prompt, in the stage that encodes it. Either it did, and `original`
    /// is there, or what it wrote was of no use, and `reason` is there.
    ///
    /// @param prompt    that is encoded
    /// @param original  that was asked for; null if it is the one that is encoded
    /// @param seed      of the drawn tokens, decimal string, 0 to 2^64-1; null if none was drawn
    /// @param tokensIn  that the text model read, instruction included
    /// @param tokensOut that it wrote
    /// @param truncated whether it would have gone on at the greatest number of tokens
    /// @param reason    why the prompt is kept, for people, without the text that was written; null if it is not
    record PromptEnhanced(
            Header header,
            String prompt,
            String original,
            TokenDecoding decoding,
            String seed,
            int tokensIn,
            int tokensOut,
            boolean truncated,
            String reason)
            implements GenerationEvent {
        public PromptEnhanced {
            Objects.requireNonNull(header, "header");
            Required.text("prompt", prompt);
            original = Required.textOrNull(original);
            Required.present("decoding", decoding);
            seed = Required.textOrNull(seed);
            Required.atLeast(0, "tokens_in", tokensIn);
            Required.atLeast(0, "tokens_out", tokensOut);
            reason = Required.textOrNull(reason);
            Required.oneOf("original", original, "reason", reason);
            switch (decoding) {
                case GREEDY -> Required.absent("seed of greedy decoding", seed);
                case SAMPLED -> Required.seed(seed);
            }
        }

        /// Whether the prompt that is encoded is the text model's.
        public boolean rewritten() {
            return reason == null;
        }
    }

    /// One step of denoising.
    ///
    /// @param step       how many of the steps are done, 1 to `steps`
    /// @param sigma      noise level reached
    /// @param duration   time the step took; seconds in JSON
    /// @param checkpoint key of the checkpoint stored after this step; null if there is none
    record StepCompleted(
            Header header,
            int step,
            int steps,
            double sigma,
            @JsonProperty("duration_seconds") Duration duration,
            String checkpoint)
            implements GenerationEvent {
        public StepCompleted {
            Objects.requireNonNull(header, "header");
            Required.present("duration_seconds", duration);
            Required.atLeast(1, "step", step);
            Required.atLeast(step, "steps", steps);
            if (!Double.isFinite(sigma)) {
                throw new IllegalArgumentException("sigma is %s, expected a finite number".formatted(sigma));
            }
            checkpoint = Required.textOrNull(checkpoint);
        }
    }

    /// @param duration  time the stage took; seconds in JSON
    /// @param artifacts what it stored, possibly nothing
    record StageCompleted(
            Header header,
            Stage stage,
            String worker,
            @JsonProperty("duration_seconds") Duration duration,
            List<ArtifactReference> artifacts)
            implements GenerationEvent {
        public StageCompleted {
            Objects.requireNonNull(header, "header");
            Required.present("stage", stage);
            Required.text("worker", worker);
            Required.present("duration_seconds", duration);
            artifacts = artifacts == null ? List.of() : List.copyOf(artifacts);
        }
    }

    /// A worker gave the job back; another attempt will follow.
    ///
    /// @param detail one sentence for people; null if the reason says it all
    record Released(Header header, String worker, ReleaseReason reason, String detail) implements GenerationEvent {
        public Released {
            Objects.requireNonNull(header, "header");
            Required.text("worker", worker);
            Required.present("reason", reason);
            detail = Required.textOrNull(detail);
        }
    }

    /// A worker goes on where an earlier attempt stopped.
    ///
    /// @param stage    the stage it goes on with
    /// @param fromStep steps of that stage already done, 0 if it starts at the stage's beginning
    record Resumed(Header header, String worker, Stage stage, int fromStep) implements GenerationEvent {
        public Resumed {
            Objects.requireNonNull(header, "header");
            Required.text("worker", worker);
            Required.present("stage", stage);
            Required.atLeast(0, "from_step", fromStep);
        }
    }

    /// Someone wants the job to stop. Whether it did is told by what follows.
    ///
    /// @param requestedBy who, and `reason` why; each null if not said
    record CancelRequested(Header header, String requestedBy, String reason) implements GenerationEvent {
        public CancelRequested {
            Objects.requireNonNull(header, "header");
            requestedBy = Required.textOrNull(requestedBy);
            reason = Required.textOrNull(reason);
        }
    }

    /// The job was stopped on demand. Terminal.
    ///
    /// @param stage  where it was; null if no stage had begun
    /// @param atStep steps of that stage done
    record Cancelled(Header header, Stage stage, int atStep) implements GenerationEvent {
        public Cancelled {
            Objects.requireNonNull(header, "header");
            Required.atLeast(0, "at_step", atStep);
        }
    }

    /// The job is given up. Terminal; a failure after which the job is tried again is [Released].
    ///
    /// @param worker    who gave up; null if it was not a worker
    /// @param code      stable name of the failure
    /// @param retryable whether the same request, published under another id, may succeed
    /// @param detail    one sentence for people
    record Failed(Header header, String worker, String code, boolean retryable, String detail)
            implements GenerationEvent {
        public Failed {
            Objects.requireNonNull(header, "header");
            Required.text("code", code);
            Required.text("detail", detail);
            worker = Required.textOrNull(worker);
        }
    }

    /// The clip is stored. Terminal.
    ///
    /// @param artifacts  the clip first, then what else was asked for
    /// @param digests    SHA-256 of what is not kept but must be comparable, by name: `latents`, `audio-latents`
    /// @param provenance what it was made from
    record Completed(
            Header header,
            String worker,
            List<ArtifactReference> artifacts,
            Map<String, String> digests,
            Provenance provenance,
            Timings timings)
            implements GenerationEvent {
        public Completed {
            Objects.requireNonNull(header, "header");
            Required.text("worker", worker);
            artifacts = artifacts == null ? List.of() : List.copyOf(artifacts);
            Required.atLeast(1, "number of artifacts", artifacts.size());
            digests = digests == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(digests));
            Required.present("provenance", provenance);
            Required.present("timings", timings);
        }
    }
}
