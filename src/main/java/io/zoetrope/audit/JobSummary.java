package io.zoetrope.audit;

import io.zoetrope.request.JobId;
import java.time.Instant;

/// All that needs to be known of a job at a glance: the record of the compacted topic `zoetrope.state`, and the
/// value that the facts of a job are folded into. [#next] is the whole of the fold.
///
/// @param job             the job
/// @param state           where it stands
/// @param attempt         the attempt that said so last, with `sequence` its place there
/// @param requestedAt     when the clip was asked for; null if the trail does not tell
/// @param updatedAt       when the state was last changed
/// @param tenant          who asked, as named in the request; null if not named
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
        boolean cancelRequested,
        int failures,
        Provenance provenance) {

    public JobSummary {
        Required.present("job", job);
        Required.present("state", state);
        Required.present("updated_at", updatedAt);
    }

    /// The summary after a job's first known fact.
    public static JobSummary of(GenerationEvent first) {
        Header header = first.header();
        return new JobSummary(first.job(), new JobState.Requested(), 0, -1, null, header.at(), null, false, 0, null)
                .next(first);
    }

    /// The summary after one more fact. A terminal state never changes; a fact that comes late (its attempt and
    /// sequence are not after those already counted) changes nothing, unless it ends the job or asks for its end.
    public JobSummary next(GenerationEvent event) {
        if (!event.job().equals(job)) {
            throw new IllegalArgumentException("fact %s of another job, expected job %s".formatted(event.id(), job));
        }
        if (state.terminal()) {
            return this;
        }
        if (!counts(event)) {
            return event instanceof GenerationEvent.CancelRequested ? withCancelRequested() : this;
        }
        return switch (event) {
            case GenerationEvent.Requested requested -> ofRequest(requested);
            case GenerationEvent.Accepted accepted ->
                after(event, new JobState.Accepted(accepted.worker())).from(accepted.provenance());
            case GenerationEvent.StageStarted started ->
                after(event, new JobState.Running(started.stage(), step(), steps(), started.worker()));
            // What became of the prompt is for the trail; the state only tells where the job is.
            case GenerationEvent.PromptEnhanced _ ->
                after(event, new JobState.Running(Stage.TEXT_ENCODE, step(), steps(), worker()));
            case GenerationEvent.StepCompleted step ->
                after(event, new JobState.Running(Stage.DENOISE, step.step(), step.steps(), worker()));
            case GenerationEvent.StageCompleted completed ->
                after(event, new JobState.Running(completed.stage(), step(), steps(), completed.worker()));
            case GenerationEvent.Released released ->
                after(event, new JobState.Released(released.reason(), released.detail()))
                        .blaming(released.reason());
            case GenerationEvent.Resumed resumed ->
                after(event, new JobState.Running(resumed.stage(), resumed.fromStep(), steps(), resumed.worker()));
            case GenerationEvent.CancelRequested _ -> after(event, state).withCancelRequested();
            case GenerationEvent.Rejected rejected -> after(event, new JobState.Rejected(rejected.problems()));
            case GenerationEvent.Cancelled cancelled ->
                after(event, new JobState.Cancelled(cancelled.stage(), cancelled.atStep()));
            case GenerationEvent.Failed failed ->
                after(event, new JobState.Failed(failed.code(), failed.retryable(), failed.detail()));
            case GenerationEvent.Completed completed ->
                after(event, new JobState.Completed(completed.artifacts(), completed.digests(), completed.timings()))
                        .from(completed.provenance());
        };
    }

    /// Whether the fact may change the state: it ends a job that has not ended, or it is the newest so far.
    boolean counts(GenerationEvent event) {
        Header header = event.header();
        boolean newest = header.attempt() > attempt || header.attempt() == attempt && header.sequence() > sequence;
        return !state.terminal() && (event.terminal() || newest);
    }

    private JobSummary ofRequest(GenerationEvent.Requested requested) {
        String named = Required.textOrNull(requested.request().path("tenant").textValue());
        JobSummary next = after(requested, new JobState.Requested());
        return new JobSummary(
                job,
                next.state,
                next.attempt,
                next.sequence,
                requested.header().at(),
                next.updatedAt,
                named,
                cancelRequested,
                failures,
                provenance);
    }

    private JobSummary after(GenerationEvent event, JobState next) {
        Header header = event.header();
        return new JobSummary(
                job,
                next,
                header.attempt(),
                header.sequence(),
                requestedAt,
                header.at(),
                tenant,
                cancelRequested,
                failures,
                provenance);
    }

    private JobSummary from(Provenance known) {
        return new JobSummary(
                job, state, attempt, sequence, requestedAt, updatedAt, tenant, cancelRequested, failures, known);
    }

    private JobSummary blaming(ReleaseReason reason) {
        int counted = failures + (reason.countsAgainstJob() ? 1 : 0);
        return new JobSummary(
                job, state, attempt, sequence, requestedAt, updatedAt, tenant, cancelRequested, counted, provenance);
    }

    private JobSummary withCancelRequested() {
        return new JobSummary(
                job, state, attempt, sequence, requestedAt, updatedAt, tenant, true, failures, provenance);
    }

    private int step() {
        return state instanceof JobState.Running running ? running.step() : 0;
    }

    private int steps() {
        return state instanceof JobState.Running running ? running.steps() : 0;
    }

    private String worker() {
        return switch (state) {
            case JobState.Running running -> running.worker();
            case JobState.Accepted accepted -> accepted.worker();
            case JobState.Requested _,
                    JobState.Released _,
                    JobState.Rejected _,
                    JobState.Cancelled _,
                    JobState.Failed _,
                    JobState.Completed _ -> null;
        };
    }
}
