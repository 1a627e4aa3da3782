package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import io.smallrye.mutiny.Uni;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.HeaderSequence;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.Stage;
import io.zoetrope.request.JobId;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/// What is sent, and when it counts as safe, if the broker answers when this test says so.
class TrailTest {

    private static final JobId JOB = new JobId("job");
    private static final GenerationEvent.Requested REQUESTED =
            new GenerationEvent.Requested(Header.ofRequest(JOB, Instant.EPOCH), TextNode.valueOf("x"), null);

    private final List<GenerationEvent> facts = new ArrayList<>();
    private final List<JobSummary> states = new ArrayList<>();
    private final List<CompletableFuture<Void>> factAnswers = new ArrayList<>();
    private final List<CompletableFuture<Void>> stateAnswers = new ArrayList<>();
    private final List<CompletableFuture<Void>> pauses = new ArrayList<>();
    private final Trail trail = new Trail(
            fact -> sent(fact, facts, factAnswers),
            state -> sent(state, states, stateAnswers),
            () -> sent(null, new ArrayList<>(), pauses),
            HeaderSequence.open(JOB, 1, Clock.systemUTC()),
            JobSummary.of(REQUESTED));

    @Test
    void everyFactIsSentAtOnceAndInOrder() {
        trail.begin(REQUESTED);
        trail.say(TrailTest::started);
        trail.say(TrailTest::started);
        assertEquals(
                List.of(0, 1, 1),
                facts.stream().map(fact -> fact.header().attempt()).toList());
        assertEquals(
                List.of(0L, 0L, 1L),
                facts.stream().map(fact -> fact.header().sequence()).toList());
    }

    @Test
    void ofSummariesThatFollowEachOtherQuicklyOnlyTheLastIsSent() {
        trail.begin(REQUESTED);
        trail.say(TrailTest::started);
        trail.say(TrailTest::started);
        assertEquals(1, states.size());
        pauses.getFirst().complete(null);
        assertEquals(2, states.size());
        assertEquals(trail.summary(), states.getLast());
        pauses.getLast().complete(null);
        assertEquals(2, states.size());
        trail.say(TrailTest::started);
        assertEquals(3, states.size());
    }

    @Test
    void whereItStandsIsToldAgain() {
        trail.say(TrailTest::started);
        pauses.getFirst().complete(null);
        trail.sayAgain();
        assertEquals(List.of(trail.summary(), trail.summary()), states);
    }

    @Test
    void itIsSettledWhenAllFactsAndTheLatestSummaryAreSafe() {
        trail.begin(REQUESTED);
        trail.say(TrailTest::started);
        CompletableFuture<Void> settled = trail.settled().subscribeAsCompletionStage();
        assertEquals(2, states.size(), "whoever waits does not wait for the pause");
        factAnswers.forEach(answer -> answer.complete(null));
        stateAnswers.getFirst().complete(null);
        assertFalse(settled.isDone());
        stateAnswers.getLast().complete(null);
        assertTrue(settled.isDone());
        settled.join();
    }

    @Test
    void twoThatWaitAtTheSameTimeBothHearOfTheLatestSummary() {
        trail.say(TrailTest::started);
        CompletableFuture<Void> first = trail.settled().subscribeAsCompletionStage();
        CompletableFuture<Void> second = trail.settled().subscribeAsCompletionStage();
        factAnswers.getFirst().complete(null);
        assertFalse(first.isDone());
        assertFalse(second.isDone());
        stateAnswers.getFirst().complete(null);
        assertTrue(first.isDone());
        assertTrue(second.isDone());
    }

    @Test
    void factsAreSettledWithoutTheSummary() {
        trail.begin(REQUESTED);
        trail.say(TrailTest::started);
        CompletableFuture<Void> settled = trail.factsSettled().subscribeAsCompletionStage();
        factAnswers.getFirst().complete(null);
        assertFalse(settled.isDone());
        factAnswers.getLast().complete(null);
        assertTrue(settled.isDone());
        assertEquals(1, states.size(), "the end that comes now tells all that this summary would");
    }

    @Test
    void aFactThatIsLostIsHeardOf() {
        trail.say(TrailTest::started);
        CompletableFuture<Void> settled = trail.settled().subscribeAsCompletionStage();
        stateAnswers.getFirst().complete(null);
        factAnswers.getFirst().completeExceptionally(new IllegalStateException("no broker"));
        assertThrows(CompletionException.class, settled::join);
    }

    @Test
    void aSummaryThatIsLostIsHeardOfUnlessALaterOneIsSafe() {
        trail.say(TrailTest::started);
        stateAnswers.getFirst().completeExceptionally(new IllegalStateException("no broker"));
        factAnswers.getFirst().complete(null);
        assertThrows(CompletionException.class, trail.settled().subscribeAsCompletionStage()::join);
        trail.say(TrailTest::started);
        factAnswers.getLast().complete(null);
        CompletableFuture<Void> second = trail.settled().subscribeAsCompletionStage();
        stateAnswers.getLast().complete(null);
        second.join();
    }

    @Test
    void anEmitterThatRefusesIsALostSummaryAndNoMore() {
        List<JobSummary> later = new ArrayList<>();
        boolean[] refuses = {true};
        Trail refused = new Trail(
                fact -> Uni.createFrom().voidItem(),
                state -> {
                    if (refuses[0]) {
                        throw new IllegalStateException("nobody listens");
                    }
                    later.add(state);
                    return Uni.createFrom().voidItem();
                },
                () -> Uni.createFrom().voidItem(),
                HeaderSequence.open(JOB, 1, Clock.systemUTC()),
                JobSummary.of(REQUESTED));
        refused.say(TrailTest::started);
        assertThrows(CompletionException.class, refused.settled().subscribeAsCompletionStage()::join);
        refuses[0] = false;
        refused.say(TrailTest::started);
        refused.settled().subscribeAsCompletionStage().join();
        assertEquals(List.of(refused.summary()), later);
    }

    @Test
    void nothingIsToldAfterTheEndUnlessItDidNotCome() {
        trail.say(TrailTest::started);
        trail.say(TrailTest::started);
        trail.silence();
        pauses.getFirst().complete(null);
        trail.sayAgain();
        trail.settled();
        assertEquals(1, states.size(), "an older state would hide the end");
        trail.say(TrailTest::started);
        assertEquals(trail.summary(), states.getLast());
        assertEquals(2, states.size());
    }

    private static GenerationEvent started(Header header) {
        return new GenerationEvent.StageStarted(header, Stage.DENOISE, "worker", "cpu");
    }

    private static <T> Uni<Void> sent(T what, List<T> all, List<CompletableFuture<Void>> answers) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        all.add(what);
        answers.add(answer);
        return Uni.createFrom().completionStage(answer);
    }
}
