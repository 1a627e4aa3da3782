package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.HeaderSequence;
import io.zoetrope.audit.JobSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/// Says the facts of one job while one worker has it, and keeps its summary. Facts are sent in the order in which
/// they are said; of summaries that follow each other quickly only the last. Whoever must know that they are safe waits
/// for [#settled].
final class Trail {

    /// A fact that only lacks its place in the trail.
    @FunctionalInterface
    interface Fact {
        GenerationEvent under(Header header);
    }

    private final Function<GenerationEvent, Uni<Void>> facts;
    private final Function<JobSummary, Uni<Void>> states;
    private final Supplier<Uni<Void>> pause;
    private final HeaderSequence headers;
    private final List<CompletableFuture<Void>> pending = new ArrayList<>();
    private JobSummary summary;
    private CompletableFuture<Void> told = CompletableFuture.completedFuture(null); // the last summary that was sent
    private boolean resting; // whether that was not long ago
    private boolean outdated; // whether the summary has changed since
    private boolean silent; // whether the job's end is told, which no summary of ours must follow

    /// @param facts   sends a fact
    /// @param states  sends a summary; those of a job arrive in the order in which they are sent
    /// @param pause   between two summaries
    /// @param summary of what was said before
    Trail(
            Function<GenerationEvent, Uni<Void>> facts,
            Function<JobSummary, Uni<Void>> states,
            Supplier<Uni<Void>> pause,
            HeaderSequence headers,
            JobSummary summary) {
        this.facts = facts;
        this.states = states;
        this.pause = pause;
        this.headers = headers;
        this.summary = summary;
    }

    HeaderSequence headers() {
        return headers;
    }

    synchronized JobSummary summary() {
        return summary;
    }

    /// Says the fact from which the summary was made, before all others; returns without waiting for the broker.
    synchronized void begin(GenerationEvent.Requested requested) {
        send(requested);
        tellState();
    }

    /// Says a fact; returns without waiting for the broker.
    synchronized void say(Fact fact) {
        GenerationEvent event = fact.under(headers.next());
        summary = summary.next(event);
        silent = false;
        send(event);
        tellState();
    }

    /// Says again where the job stands, so that nobody takes a long silence for the end of the worker.
    synchronized void sayAgain() {
        tellState();
    }

    /// Tells no summary any more, unless another fact is said: the end that has been decided is told by somebody else.
    synchronized void silence() {
        silent = true;
    }

    /// Done when all facts said so far are safe.
    Uni<Void> factsSettled() {
        return Uni.createFrom().completionStage(() -> {
            synchronized (this) {
                return allSent();
            }
        });
    }

    /// Done when everything said so far is safe, the latest summary included.
    Uni<Void> settled() {
        return Uni.createFrom().completionStage(() -> {
            synchronized (this) {
                if (outdated) {
                    sendState();
                }
                return CompletableFuture.allOf(told, allSent());
            }
        });
    }

    private void send(GenerationEvent event) {
        pending.removeIf(sent -> sent.isDone() && !sent.isCompletedExceptionally());
        pending.add(facts.apply(event).subscribeAsCompletionStage());
    }

    /// A failure is told once.
    private CompletableFuture<Void> allSent() {
        CompletableFuture<?>[] all = pending.toArray(CompletableFuture[]::new);
        pending.clear();
        return CompletableFuture.allOf(all);
    }

    private void tellState() {
        outdated = true;
        if (!resting) {
            sendState();
        }
    }

    /// That an earlier one was lost is of no interest any more.
    private void sendState() {
        if (silent) {
            return;
        }
        outdated = false;
        resting = true;
        told = Uni.createFrom().deferred(() -> states.apply(summary)).subscribeAsCompletionStage();
        pause.get().subscribe().with(_ -> rested(), _ -> rested());
    }

    private synchronized void rested() {
        resting = false;
        if (outdated) {
            sendState();
        }
    }
}
