package io.zoetrope.audit;

import io.zoetrope.request.JobId;
import java.time.Instant;

/// All that needs to be known of a job at a glance: the record of the compacted topic `zoetrope.state`, and the
/// value that the facts of a job are folded into. [#next] is the whole of the fold.
///
/// Worker after worker goes on with it: what is once known (who asked, how far it came, what it is made from) stays.
///
/// @param job             the job
/// @param state           where it stands; if it has ended, how
/// @param attempt         the attempt that said so last, with `sequence` its place there
/// @param requestedAt     when the clip was asked for; null if the trail does not tell
/// @param updatedAt       when the state was last changed
/// @param tenant          who asked, as named in the request; null if not named
/// @param priority        as named in the request; null if not named
/// @param origin          through which record it was asked for; null if the trail does not tell
/// @param progress        how far it came
/// @param cancelRequested whether someone wants it to stop
/// @param failures        how often it was given back for a reason that speaks against the job itself
/// @param provenance      what it is made from; null until accepted
public record JobSummary(
        JobId job,
        JobState state,
        int attempt,
        long sequence,
        Instant requestedAt,
        Instant updatedAt,
        String tenant,
        String priority,
        Origin origin,
        Progress progress,
        boolean cancelRequested,
        int failures,
        Provenance provenance) {

    /// How far a job came, whatever became of it then.
    ///
    /// @param stage  the last one that was begun; null if none was
    /// @param step   steps of denoising done, of which another attempt may lack the last ones
    /// @param steps  how many there are; 0 while nothing has said so
    /// @param worker who had the job last; null if the trail does not tell
    public record Progress(Stage stage, int step, int steps, String worker) {

        static final Progress NONE = new Progress(null, 0, 0, null);

        private Progress in(Stage entered, String by) {
            return new Progress(entered, step, steps, by);
        }

        private Progress at(int done, int all) {
            return new Progress(Stage.DENOISE, done, all, worker);
        }

        private JobState.Running running() {
            return new JobState.Running(stage, step, steps, worker);
        }
    }

    public JobSummary {
        Required.present("job", job);
        Required.present("state", state);
        Required.present("updated_at", updatedAt);
        progress = progress == null ? Progress.NONE : progress;
    }

    /// The summary after a job's first known fact.
    public static JobSummary of(GenerationEvent first) {
        return new JobSummary(
                        first.job(),
                        new JobState.Requested(),
                        0,
                        -1,
                        null,
                        first.header().at(),
                        null,
                        null,
                        null,
                        Progress.NONE,
                        false,
                        0,
                        null)
                .next(first);
    }

    /// The summary after one more fact. A terminal state never changes; a fact that comes late (its attempt and
    /// sequence are not after those already counted) changes nothing, unless it ends the job, asks for its end, or
    /// tells for the first time what was asked for.
    public JobSummary next(GenerationEvent event) {
        if (!event.job().equals(job)) {
            throw new IllegalArgumentException("fact %s of another job, expected job %s".formatted(event.id(), job));
        }
        if (state.terminal()) {
            return this;
        }
        if (!counts(event)) {
            return late(event);
        }
        return switch (event) {
            case GenerationEvent.Requested requested ->
                after(event, new JobState.Requested(), progress).askedBy(requested);
            case GenerationEvent.Accepted accepted ->
                after(event, new JobState.Accepted(accepted.worker()), progress.in(progress.stage(), accepted.worker()))
                        .from(accepted.provenance());
            case GenerationEvent.StageStarted started -> after(event, progress.in(started.stage(), started.worker()));
            // What became of the prompt is for the trail; the state only tells where the job is.
            case GenerationEvent.PromptEnhanced _ -> after(event, progress.in(Stage.TEXT_ENCODE, progress.worker()));
            case GenerationEvent.StepCompleted step -> after(event, progress.at(step.step(), step.steps()));
            case GenerationEvent.StageCompleted completed ->
                after(event, progress.in(completed.stage(), completed.worker()));
            case GenerationEvent.Released released ->
                after(event, new JobState.Released(released.reason(), released.detail()), progress)
                        .blaming(released.reason());
            case GenerationEvent.Resumed resumed -> after(event, resumed(resumed));
            // What could not be used is made again; where the job is, the facts before and after tell.
            case GenerationEvent.CheckpointIgnored _ -> after(event, state, progress);
            case GenerationEvent.Republished _ -> after(event, new JobState.Requested(), progress);
            case GenerationEvent.CancelRequested _ ->
                after(event, state, progress).withCancelRequested();
            case GenerationEvent.Rejected rejected ->
                after(event, new JobState.Rejected(rejected.problems()), progress);
            case GenerationEvent.Cancelled cancelled ->
                after(event, new JobState.Cancelled(cancelled.stage(), cancelled.atStep()), progress);
            case GenerationEvent.Failed failed ->
                after(event, new JobState.Failed(failed.code(), failed.retryable(), failed.detail()), progress);
            case GenerationEvent.Completed completed ->
                after(
                                event,
                                new JobState.Completed(completed.artifacts(), completed.digests(), completed.timings()),
                                progress)
                        .from(completed.provenance());
        };
    }

    /// Whether the fact may change the state: it ends a job that has not ended, it is the newest so far, or it has no
    /// place among the attempts.
    boolean counts(GenerationEvent event) {
        Header header = event.header();
        boolean newest = header.attempt() > attempt || header.attempt() == attempt && header.sequence() > sequence;
        return !state.terminal() && (event.terminal() || newest || header.isOutsideOfAttempts());
    }

    private JobSummary late(GenerationEvent event) {
        if (event instanceof GenerationEvent.Requested requested && requestedAt == null) {
            return askedBy(requested);
        }
        return event instanceof GenerationEvent.CancelRequested ? withCancelRequested() : this;
    }

    private Progress resumed(GenerationEvent.Resumed resumed) {
        int step = resumed.stage() == Stage.DENOISE ? resumed.fromStep() : progress.step();
        return new Progress(resumed.stage(), step, progress.steps(), resumed.worker());
    }

    private JobSummary after(GenerationEvent event, Progress reached) {
        return after(event, reached.running(), reached);
    }

    private JobSummary after(GenerationEvent event, JobState next, Progress reached) {
        Header header = event.header();
        boolean outside = header.isOutsideOfAttempts();
        return new JobSummary(
                job,
                next,
                outside ? attempt : header.attempt(),
                outside ? placeAfter(header) : header.sequence(),
                requestedAt,
                header.at(),
                tenant,
                priority,
                origin,
                reached,
                cancelRequested,
                failures,
                provenance);
    }

    /// What is outside of attempts moves on only while no attempt has begun.
    private long placeAfter(Header outside) {
        return attempt == 0 ? Math.max(sequence, outside.sequence()) : sequence;
    }

    private JobSummary askedBy(GenerationEvent.Requested requested) {
        return new JobSummary(
                job,
                state,
                attempt,
                sequence,
                requested.header().at(),
                updatedAt,
                Required.textOrNull(requested.request().path("tenant").textValue()),
                Required.textOrNull(requested.request().path("priority").textValue()),
                requested.origin(),
                progress,
                cancelRequested,
                failures,
                provenance);
    }

    private JobSummary from(Provenance known) {
        return with(cancelRequested, failures, known);
    }

    private JobSummary blaming(ReleaseReason reason) {
        return with(cancelRequested, failures + (reason.countsAgainstJob() ? 1 : 0), provenance);
    }

    private JobSummary withCancelRequested() {
        return with(true, failures, provenance);
    }

    private JobSummary with(boolean cancel, int counted, Provenance known) {
        return new JobSummary(
                job,
                state,
                attempt,
                sequence,
                requestedAt,
                updatedAt,
                tenant,
                priority,
                origin,
                progress,
                cancel,
                counted,
                known);
    }
}
