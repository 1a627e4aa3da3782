package io.zoetrope.worker.reaper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zoetrope.audit.FailureCode;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.ReleaseReason;
import io.zoetrope.request.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class WatchedJobsTest {

    private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
    private static final Duration SILENCE = Duration.ofMinutes(15);

    private final WatchedJobs jobs = new WatchedJobs(new ReaperSettings(SILENCE, 3, 2));

    @Test
    void aJobIsSilentFromItsLastWordOn() {
        jobs.said(going("a"), 1, START);
        jobs.said(going("a"), 5, START.plusSeconds(60));

        assertEquals(List.of(), silent(START.plus(SILENCE)));
        assertEquals(List.of("a"), silent(START.plus(SILENCE).plusSeconds(60)));
        jobs.lookAgain(new JobId("a"), START.plus(SILENCE).plusSeconds(90));
        assertEquals(List.of(), silent(START.plus(SILENCE).plusSeconds(60)));
        assertEquals(5, jobs.done(9));
    }

    @Test
    void anEndedJobIsTidiedOnceAndForgotten() {
        jobs.said(going("a"), 1, START);
        jobs.said(ended("a"), 2, START.plusSeconds(1));

        assertEquals(0, jobs.size());
        assertEquals(List.of(), jobs.settledAt(START.plus(SILENCE)));
        assertEquals(List.of(new JobId("a")), jobs.settledAt(START.plus(SILENCE).plusSeconds(1)));
        assertEquals(2, jobs.done(9), "a reaper that takes over must tidy it too");
        jobs.tidied(new JobId("a"));
        assertEquals(List.of(), jobs.settledAt(START.plus(SILENCE).plusSeconds(1)));
        assertEquals(9, jobs.done(9));
    }

    @Test
    void aWordAfterTheEndIsLookedAtAtOnce() {
        jobs.said(ended("a"), 2, START);
        jobs.said(going("a"), 3, START.plusSeconds(1));

        assertEquals(List.of("a"), silent(START.plusSeconds(1)));
    }

    @Test
    void aTombstoneForgets() {
        jobs.said(going("a"), 1, START);
        jobs.forget(new JobId("a"));

        assertEquals(9, jobs.done(9));
    }

    @Test
    void whatThereIsNoRoomForIsReadAgainLater() {
        for (int i = 0; i < 5; i++) {
            jobs.said(going("job-" + i), i, START);
        }

        assertEquals(2, jobs.size());
        assertEquals(OptionalLong.empty(), jobs.resumeAt());
        jobs.said(ended("job-0"), 5, START);
        assertEquals(1, jobs.done(6));
        jobs.said(ended("job-1"), 6, START);
        jobs.tidied(new JobId("job-0"));
        jobs.tidied(new JobId("job-1"));
        assertEquals(2, jobs.done(7), "the first that there was no room for");
        assertEquals(OptionalLong.of(2), jobs.resumeAt());
        assertEquals(OptionalLong.empty(), jobs.resumeAt());
    }

    @Test
    void endsDoNotPileUp() {
        for (int i = 0; i < 5; i++) {
            jobs.said(ended("job-" + i), i, START);
        }

        assertEquals(List.of(new JobId("job-0"), new JobId("job-1"), new JobId("job-2")), jobs.settledAt(START));
    }

    private List<String> silent(Instant now) {
        return jobs.silentAt(now).stream()
                .map(watched -> watched.summary().job().value())
                .toList();
    }

    private static JobSummary going(String job) {
        return JobSummary.of(new GenerationEvent.Released(
                new Header(new JobId(job), 1, 0, START), "worker", ReleaseReason.DRAINED, null));
    }

    private static JobSummary ended(String job) {
        return JobSummary.of(new GenerationEvent.Failed(
                new Header(new JobId(job), 1, 1, START), "worker", FailureCode.STAGE_FAILED, "no luck"));
    }
}
