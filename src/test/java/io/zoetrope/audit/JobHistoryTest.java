package io.zoetrope.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.audit.JobHistory.Gap;
import io.zoetrope.audit.JobHistory.Standing;
import io.zoetrope.request.CanonicalJson;
import io.zoetrope.request.JobId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobHistoryTest {

    @Test
    void aJobGoesThroughItsStates() {
        List<GenerationEvent> trail = new ArrayList<>();

        assertEquals("requested", stateAfter(trail, Samples.requested()).status());
        assertEquals(new JobState.Accepted("worker-1"), stateAfter(trail, Samples.accepted(1, 0)));
        assertEquals(running(Stage.TEXT_ENCODE, 0, 0), stateAfter(trail, Samples.started(1, 1, Stage.TEXT_ENCODE)));
        assertEquals(
                running(Stage.TEXT_ENCODE, 0, 0), stateAfter(trail, Samples.stageCompleted(1, 2, Stage.TEXT_ENCODE)));
        assertEquals(running(Stage.DENOISE, 0, 0), stateAfter(trail, Samples.started(1, 3, Stage.DENOISE)));
        assertEquals(running(Stage.DENOISE, 1, 10), stateAfter(trail, Samples.step(1, 4, 1)));
        assertEquals(
                new JobState.Released(ReleaseReason.DRAINED, "the pod is leaving"),
                stateAfter(trail, Samples.released(1, 5, ReleaseReason.DRAINED)));
        assertEquals(new JobState.Accepted("worker-1"), stateAfter(trail, Samples.accepted(2, 0)));
        assertEquals(running(Stage.DENOISE, 1, 10), stateAfter(trail, Samples.resumed(2, 1, 1)));
        assertEquals(running(Stage.DENOISE, 10, 10), stateAfter(trail, Samples.step(2, 2, 10)));
        assertEquals(running(Stage.DECODE, 10, 10), stateAfter(trail, Samples.started(2, 3, Stage.DECODE)));
        assertInstanceOf(JobState.Completed.class, stateAfter(trail, Samples.completed(2, 4)));

        JobHistory history = JobHistory.fold(trail);
        assertEquals(List.of(), history.flagged());
        assertEquals(List.of(), history.gaps());
        assertEquals(Optional.of(Samples.completed(2, 4)), history.end());
        assertEquals(Samples.PROVENANCE, history.summary().provenance());
        assertEquals(Samples.START, history.summary().requestedAt());
        assertEquals("films", history.summary().tenant());
        assertEquals(0, history.summary().failures());
    }

    @Test
    void aTerminalStateNeverChanges() {
        for (GenerationEvent end : List.of(
                Samples.completed(1, 1), Samples.failed(1, 1), Samples.cancelled(1, 1), Samples.rejected(1, 1))) {
            List<GenerationEvent> trail = new ArrayList<>(List.of(Samples.requested(), Samples.accepted(1, 0), end));
            JobState state = JobHistory.fold(trail).state();
            List<Standing> expected = new ArrayList<>();
            for (GenerationEvent later : Samples.everyType()) {
                trail.add(later);
                boolean seenBefore = later.id().equals("a-job/terminal")
                        || later.id().equals("a-job/0/0")
                        || later.id().equals("a-job/1/0");
                expected.add(
                        !seenBefore
                                ? Standing.AFTER_END
                                : sameWords(later, trail) ? Standing.DUPLICATE : Standing.CONFLICTING);
            }

            JobHistory history = JobHistory.fold(trail);

            assertTrue(state.terminal());
            assertEquals(state, history.state());
            assertEquals(Optional.of(end), history.end());
            assertEquals(
                    expected,
                    history.entries().stream()
                            .skip(3)
                            .map(JobHistory.Entry::standing)
                            .toList());
            assertEquals(
                    trail,
                    history.entries().stream().map(JobHistory.Entry::event).toList());
        }
    }

    @Test
    void theFirstOfTwoEndsDecides() {
        JobHistory history = JobHistory.fold(
                List.of(Samples.requested(), Samples.accepted(1, 0), Samples.completed(1, 1), Samples.failed(2, 0)));

        assertEquals("completed", history.state().status());
        assertEquals(Standing.CONFLICTING, history.flagged().getFirst().standing());
    }

    @Test
    void theSameSaidAgainLaterIsADuplicate() {
        GenerationEvent.Requested again = new GenerationEvent.Requested(
                Header.ofRequest(Samples.JOB, Samples.START.plusSeconds(99)),
                Samples.REQUEST,
                Samples.requested().origin());

        JobHistory history =
                JobHistory.fold(List.of(Samples.requested(), Samples.accepted(1, 0), again, Samples.accepted(1, 0)));

        assertEquals(
                List.of(Standing.COUNTED, Standing.COUNTED, Standing.DUPLICATE, Standing.DUPLICATE),
                standings(history));
        assertEquals(Samples.START, history.summary().requestedAt());
    }

    @Test
    void aZombiesStepsDoNotCountAgainstTheNewerAttempt() {
        JobHistory history = JobHistory.fold(List.of(
                Samples.requested(),
                Samples.accepted(1, 0),
                Samples.step(1, 1, 1),
                Samples.accepted(2, 0),
                Samples.resumed(2, 1, 1),
                Samples.step(1, 2, 2)));

        assertEquals(running(Stage.DENOISE, 1, 10), history.state());
        assertEquals(Standing.LATE, history.entries().getLast().standing());
    }

    @Test
    void aZombieMayEndTheJobFirst() {
        JobHistory history = JobHistory.fold(
                List.of(Samples.requested(), Samples.accepted(1, 0), Samples.accepted(2, 0), Samples.completed(1, 1)));

        assertEquals("completed", history.state().status());
        assertEquals(List.of(), history.flagged());
    }

    @Test
    void twoWorkersThatTakeOneAttemptShowAsAConflict() {
        GenerationEvent.Accepted other =
                new GenerationEvent.Accepted(Samples.header(1, 0), "worker-2", Samples.PLAN, Samples.PROVENANCE);

        JobHistory history = JobHistory.fold(List.of(Samples.requested(), Samples.accepted(1, 0), other));

        assertEquals(List.of(new JobHistory.Entry(other, Standing.CONFLICTING)), history.flagged());
        assertEquals(new JobState.Accepted("worker-1"), history.state());
    }

    @Test
    void missingNumbersAreShown() {
        JobHistory history = JobHistory.fold(List.of(
                Samples.requested(),
                Samples.accepted(1, 0),
                Samples.step(1, 3, 2),
                Samples.step(2, 2, 3),
                Samples.completed(2, 4)));

        assertEquals(List.of(new Gap(1, 1, 2), new Gap(2, 0, 1), new Gap(2, 3, 3)), history.gaps());
    }

    @Test
    void aLateFactFillsItsGap() {
        JobHistory history = JobHistory.fold(
                List.of(Samples.requested(), Samples.accepted(1, 0), Samples.step(1, 2, 2), Samples.step(1, 1, 1)));

        assertEquals(List.of(), history.gaps());
        assertEquals(running(Stage.DENOISE, 2, 10), history.state());
        assertEquals(Standing.LATE, history.entries().getLast().standing());
    }

    @Test
    void onlyFailuresOfTheJobItselfAreCounted() {
        int counted = 0;
        List<GenerationEvent> trail = new ArrayList<>(List.of(Samples.requested()));
        for (ReleaseReason reason : ReleaseReason.values()) {
            trail.add(Samples.released(trail.size(), 0, reason));
            counted += reason.countsAgainstJob() ? 1 : 0;
        }

        assertEquals(3, counted);
        assertEquals(counted, JobHistory.fold(trail).summary().failures());
    }

    @Test
    void aWishToCancelLeavesTheStateAsItIs() {
        JobHistory before = JobHistory.fold(List.of(Samples.requested(), Samples.accepted(1, 0)));
        JobHistory after =
                JobHistory.fold(List.of(Samples.requested(), Samples.accepted(1, 0), Samples.cancelRequested(1, 1)));

        assertFalse(before.summary().cancelRequested());
        assertTrue(after.summary().cancelRequested());
        assertEquals(before.state(), after.state());
    }

    @Test
    void whatBecameOfThePromptIsInTheTrailAndNotInTheState() {
        List<GenerationEvent> trail = new ArrayList<>(
                List.of(Samples.requested(), Samples.accepted(1, 0), Samples.started(1, 1, Stage.TEXT_ENCODE)));
        JobHistory before = JobHistory.fold(trail);
        trail.addAll(List.of(Samples.enhanced(1, 2), Samples.kept(1, 3)));

        JobHistory after = JobHistory.fold(trail);

        assertEquals(running(Stage.TEXT_ENCODE, 0, 0), after.state());
        assertEquals(before.state(), after.state());
        assertEquals(before.summary().provenance(), after.summary().provenance());
        assertEquals(3, after.summary().sequence());
        assertEquals(
                trail, after.entries().stream().map(JobHistory.Entry::event).toList());
        assertEquals(List.of(), after.flagged());
        assertEquals(Optional.empty(), after.end());
        assertEquals(
                new JobState.Running(Stage.TEXT_ENCODE, 0, 0, null),
                JobSummary.of(Samples.enhanced(1, 2)).state());
    }

    @Test
    void aPromptRewrittenDifferentlyUnderOneIdIsAConflict() {
        JobHistory history =
                JobHistory.fold(List.of(Samples.accepted(1, 0), Samples.enhanced(1, 1), Samples.kept(1, 1)));

        assertEquals(Standing.CONFLICTING, history.entries().getLast().standing());
    }

    @Test
    void aTrailWithoutItsBeginIsReadAllTheSame() {
        JobHistory history = JobHistory.fold(List.of(Samples.step(3, 5, 4)));

        assertEquals(new JobState.Running(Stage.DENOISE, 4, 10, null), history.state());
        assertNull(history.summary().requestedAt());
        assertEquals(List.of(new Gap(3, 0, 4)), history.gaps());
    }

    @Test
    void factsOfAnotherJobAndNoFactsAreRefused() {
        Header foreign = Header.ofRequest(new JobId("another"), Samples.START);
        List<GenerationEvent> mixed =
                List.of(Samples.requested(), new GenerationEvent.Requested(foreign, Samples.REQUEST, null));

        String said = assertThrows(IllegalArgumentException.class, () -> JobHistory.fold(mixed))
                .getMessage();

        assertTrue(said.contains("another") && said.contains("a-job"), said);
        assertThrows(IllegalArgumentException.class, () -> JobHistory.fold(List.of()));
    }

    @Test
    void foldingOneByOneIsFoldingAtOnce() {
        JobSummary summary = JobSummary.of(Samples.requested());
        List<GenerationEvent> trail = new ArrayList<>(List.of(Samples.requested()));
        for (GenerationEvent event : List.of(
                Samples.accepted(1, 0),
                Samples.started(1, 1, Stage.DENOISE),
                Samples.step(1, 2, 1),
                Samples.cancelRequested(1, 3),
                Samples.released(1, 4, ReleaseReason.OUT_OF_MEMORY),
                Samples.cancelled(2, 0))) {
            trail.add(event);
            summary = summary.next(event);
            assertEquals(JobHistory.fold(trail).summary(), summary);
        }
    }

    @Test
    void whatIsOnceKnownStaysWhateverFollows() {
        for (GenerationEvent last : Samples.everyType()) {
            JobSummary summary = JobSummary.of(Samples.requested());
            for (GenerationEvent event : List.of(
                    Samples.accepted(1, 0),
                    Samples.started(1, 1, Stage.DENOISE),
                    Samples.step(1, 2, 3),
                    Samples.released(1, 3, ReleaseReason.DRAINED))) {
                summary = summary.next(event);
            }
            GenerationEvent next = EventType.of(last) == EventType.REJECTED ? Samples.rejected(1, 4) : last;
            JobSummary after = summary.next(next);

            assertEquals("films", after.tenant());
            assertEquals("low", after.priority());
            assertEquals(Samples.START, after.requestedAt());
            assertEquals(Samples.requested().origin(), after.origin());
            assertEquals(Samples.PROVENANCE, after.provenance());
            assertEquals("worker-1", after.progress().worker(), last.toString());
            assertEquals(10, after.progress().steps(), last.toString());
        }
    }

    @Test
    void aReleasedJobTellsHowFarItCame() {
        JobSummary summary = JobHistory.fold(List.of(
                        Samples.requested(),
                        Samples.accepted(1, 0),
                        Samples.step(1, 1, 3),
                        Samples.released(1, 2, ReleaseReason.DRAINED)))
                .summary();

        assertEquals("released", summary.state().status());
        assertEquals(new JobSummary.Progress(Stage.DENOISE, 3, 10, "worker-1"), summary.progress());
    }

    /// As the lead of a job passes from one worker to the next, in the JSON of a ticket.
    @Test
    void aSummaryIsHandedOnAndTheNextWorkerGoesOnWithIt() {
        JobSummary here = JobSummary.of(Samples.requested())
                .next(Samples.accepted(1, 0))
                .next(Samples.cancelRequested(1, 1))
                .next(Samples.stageCompleted(1, 2, Stage.TEXT_ENCODE));
        record Ticket(JobSummary summary) {}

        JobSummary there = CanonicalJson.read(CanonicalJson.write(new Ticket(here)), Ticket.class)
                .summary();

        assertEquals(here, there);
        assertEquals(here.next(Samples.step(2, 0, 1)), there.next(Samples.step(2, 0, 1)));
        assertTrue(there.next(Samples.completed(2, 1)).state().terminal());
        assertEquals(Samples.START, there.next(Samples.completed(2, 1)).requestedAt());
    }

    @Test
    void aRequestThatComesLateStillTellsWhoAsked() {
        JobSummary summary = JobSummary.of(Samples.step(1, 3, 2)).next(Samples.requested());

        assertEquals("films", summary.tenant());
        assertEquals(Samples.START, summary.requestedAt());
        assertEquals(new JobState.Running(Stage.DENOISE, 2, 10, null), summary.state());
        assertEquals(3, summary.sequence());
    }

    @Test
    void aJobThatIsPublishedAgainWaitsAgain() {
        List<GenerationEvent> trail = new ArrayList<>(
                List.of(Samples.requested(), Samples.accepted(1, 0), Samples.step(1, 1, 3), Samples.republished(1)));

        JobHistory waiting = JobHistory.fold(trail);

        assertEquals(new JobState.Requested(), waiting.state());
        assertEquals(List.of(), waiting.flagged());
        assertEquals(List.of(), waiting.gaps());
        assertEquals(1, waiting.summary().attempt());
        assertEquals(1, waiting.summary().sequence());
        assertEquals("accepted", stateAfter(trail, Samples.accepted(2, 0)).status());
        assertEquals("requested", stateAfter(trail, Samples.republished(2)).status());
        assertEquals("completed", stateAfter(trail, Samples.completed(1, 2)).status());
        assertEquals(List.of(), JobHistory.fold(trail).flagged());
    }

    @Test
    void aCommandToStopOutsideOfAttemptsCounts() {
        GenerationEvent command = new GenerationEvent.CancelRequested(
                Header.ofCancelRequest(Samples.JOB, Samples.START), "alice", "wrong prompt");

        JobHistory history = JobHistory.fold(List.of(Samples.requested(), Samples.accepted(1, 0), command));

        assertEquals(List.of(), history.flagged());
        assertEquals("accepted", history.state().status());
        assertTrue(history.summary().cancelRequested());
        assertEquals(0, history.summary().sequence());
    }

    @Test
    void theSameRequestWrittenInAnotherWayIsADuplicate() {
        GenerationEvent canonical = new GenerationEvent.Requested(
                Header.ofRequest(Samples.JOB, Samples.START),
                EventJson.object("request", """
                        {"priority": "low", "tenant": "films", "prompt": "A red circle."}""".getBytes(UTF_8)),
                Samples.requested().origin());
        GenerationEvent other = new GenerationEvent.Requested(
                Header.ofRequest(Samples.JOB, Samples.START),
                EventJson.object("request", "{\"prompt\": \"A blue circle.\"}".getBytes(UTF_8)),
                Samples.requested().origin());

        assertEquals(
                List.of(Standing.COUNTED, Standing.DUPLICATE, Standing.CONFLICTING),
                standings(JobHistory.fold(List.of(Samples.requested(), canonical, other))));
    }

    private static JobState stateAfter(List<GenerationEvent> trail, GenerationEvent event) {
        trail.add(event);
        return JobHistory.fold(trail).state();
    }

    private static boolean sameWords(GenerationEvent event, List<GenerationEvent> trail) {
        GenerationEvent first = trail.stream()
                .filter(earlier -> earlier.id().equals(event.id()))
                .findFirst()
                .orElseThrow();
        EventCodec codec = new EventCodec(java.net.URI.create("/test"));
        return EventType.of(first) == EventType.of(event)
                && java.util.Arrays.equals(
                        codec.write(first).data(), codec.write(event).data());
    }

    private static List<Standing> standings(JobHistory history) {
        return history.entries().stream().map(JobHistory.Entry::standing).toList();
    }

    private static JobState.Running running(Stage stage, int step, int steps) {
        return new JobState.Running(stage, step, steps, "worker-1");
    }
}
