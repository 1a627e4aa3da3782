package io.zoetrope.audit;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Problem;
import io.zoetrope.request.Sha256;
import java.time.Duration;
import java.time.Instant;
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
                    CheckpointIgnored _,
                    Republished _,
                    CancelRequested _ -> false;
        };
    }

    /// Someone asked for a clip. Said by the worker that first reads the record, in attempt 0.
    ///
    /// @param request       what was asked for, untouched; the beginning of its JSON, as a text, if it is too long
    ///                      for a record
    /// @param origin        who asked and through which record; null if there was no record
    /// @param truncated     whether `request` is only the beginning; null if it is not
    /// @param requestBytes  size of the whole request's JSON; null unless truncated
    /// @param requestSha256 of the whole request's JSON, in hexadecimal; null unless truncated
    record Requested(
            Header header,
            JsonNode request,
            Origin origin,
            Boolean truncated,
            Integer requestBytes,
            String requestSha256)
            implements GenerationEvent {
        public Requested {
            Objects.requireNonNull(header, "header");
            Required.present("request", request);
            request = WellFormedText.in(request);
            byte[] whole = SizeLimits.jsonIfTooLong(request);
            if (whole != null) {
                request = SizeLimits.beginning(whole);
                truncated = true;
                requestBytes = whole.length;
                requestSha256 = Sha256.of(whole);
            }
        }

        public Requested(Header header, JsonNode request, Origin origin) {
            this(header, request, origin, null, null, null);
        }
    }

    /// The request cannot be served by anyone. Terminal.
    ///
    /// @param problems     what is wrong with it, at least one; of very many only the first
    /// @param problemCount how many there are
    record Rejected(Header header, List<Problem> problems, Integer problemCount) implements GenerationEvent {
        public Rejected {
            Objects.requireNonNull(header, "header");
            int told = problems == null ? 0 : problems.size();
            problemCount = problemCount == null ? told : Math.max(problemCount, told); // older facts have no count
            problems = SizeLimits.first(problems);
            Required.atLeast(1, "number of problems", problems.size());
        }

        public Rejected(Header header, List<Problem> problems) {
            this(header, problems, problems.size());
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
            detail = SizeLimits.sentence(Required.textOrNull(detail));
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

    /// Something that an earlier attempt or stage had stored was not trusted, and is made again.
    ///
    /// @param key    key of what was ignored: a checkpoint, contexts or latents
    /// @param reason why, for people: damaged, or made for another plan
    record CheckpointIgnored(Header header, String worker, String key, String reason) implements GenerationEvent {
        public CheckpointIgnored {
            Objects.requireNonNull(header, "header");
            Required.text("worker", worker);
            Required.text("key", key);
            Required.text("reason", reason);
            reason = SizeLimits.sentence(reason);
        }
    }

    /// The job's record was published again, at the end of its queue: the broker was about to drop the one before, or
    /// had done so. With `topic`, `partition` and `offset` the place of the record that it replaces.
    ///
    /// @param worker whose reaper or intake did so
    record Republished(
            Header header, String worker, RepublicationReason reason, String topic, int partition, long offset)
            implements GenerationEvent {
        public Republished {
            Objects.requireNonNull(header, "header");
            Required.text("worker", worker);
            Required.present("reason", reason);
            Required.text("topic", topic);
            Required.atLeast(0, "partition", partition);
            Required.atLeast(0, "offset", offset);
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
    /// @param stage       where it was; null if no stage had begun
    /// @param atStep      steps of that stage done
    /// @param requestedAt when the command to stop was published; null if that is not known
    /// @param latency     from then until nothing computed any more, in JSON seconds; null if that is not known
    record Cancelled(
            Header header,
            Stage stage,
            int atStep,
            Instant requestedAt,
            @JsonProperty("latency_seconds") Duration latency)
            implements GenerationEvent {
        public Cancelled {
            Objects.requireNonNull(header, "header");
            Required.atLeast(0, "at_step", atStep);
            // The clocks of publisher and worker may differ a little.
            latency = latency != null && latency.isNegative() ? Duration.ZERO : latency;
        }

        public Cancelled(Header header, Stage stage, int atStep) {
            this(header, stage, atStep, null, null);
        }
    }

    /// The job is given up. Terminal; a failure after which the job is tried again is [Released].
    ///
    /// @param worker    who gave up; null if it was not a worker
    /// @param code      stable name of the failure, one of [FailureCode] unless the writer is newer than the reader
    /// @param retryable whether the same request, published under another id, may succeed
    /// @param detail    one sentence for people
    record Failed(Header header, String worker, String code, boolean retryable, String detail)
            implements GenerationEvent {
        public Failed {
            Objects.requireNonNull(header, "header");
            Required.text("code", code);
            Required.text("detail", detail);
            worker = Required.textOrNull(worker);
            detail = SizeLimits.sentence(detail);
        }

        public Failed(Header header, String worker, FailureCode code, String detail) {
            this(header, worker, code.code(), code.retryable(), detail);
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
