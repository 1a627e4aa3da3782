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
    private final Trail trail = new Trail(
            fact -> sent(fact, facts, factAnswers),
            state -> sent(state, states, stateAnswers),
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
    void ofSummariesThatComeWhileOneIsUnderWayOnlyTheLastIsSent() {
        trail.begin(REQUESTED);
        trail.say(TrailTest::started);
        trail.say(TrailTest::started);
        assertEquals(1, states.size());
        stateAnswers.getFirst().complete(null);
        assertEquals(2, states.size());
        assertEquals(trail.summary(), states.getLast());
        stateAnswers.getLast().complete(null);
        assertEquals(2, states.size());
        trail.say(TrailTest::started);
        assertEquals(3, states.size());
    }

    @Test
    void itIsSettledWhenAllFactsAndTheLatestSummaryAreSafe() {
        trail.begin(REQUESTED);
        trail.say(TrailTest::started);
        CompletableFuture<Void> settled = trail.settled().subscribeAsCompletionStage();
        factAnswers.forEach(answer -> answer.complete(null));
        stateAnswers.getFirst().complete(null);
        assertFalse(settled.isDone());
        stateAnswers.getLast().complete(null);
        assertTrue(settled.isDone());
        settled.join();
    }

    @Test
    void aFactOrASummaryThatIsLostIsHeardOf() {
        trail.say(TrailTest::started);
        CompletableFuture<Void> first = trail.settled().subscribeAsCompletionStage();
        stateAnswers.getFirst().complete(null);
        factAnswers.getFirst().completeExceptionally(new IllegalStateException("no broker"));
        assertThrows(CompletionException.class, first::join);
        trail.say(TrailTest::started);
        trail.say(TrailTest::started);
        CompletableFuture<Void> second = trail.settled().subscribeAsCompletionStage();
        factAnswers.forEach(answer -> answer.complete(null));
        stateAnswers.getLast().completeExceptionally(new IllegalStateException("no broker"));
        assertThrows(CompletionException.class, second::join);
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
