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

/// Says the facts of one job while one worker has it, and keeps its summary. Facts are sent in the order in which
/// they are said; whoever must know that they are safe waits for [#settled].
final class Trail {

    /// A fact that only lacks its place in the trail.
    @FunctionalInterface
    interface Fact {
        GenerationEvent under(Header header);
    }

    private final Function<GenerationEvent, Uni<Void>> facts;
    private final Function<JobSummary, Uni<Void>> states;
    private final HeaderSequence headers;
    private final List<CompletableFuture<Void>> pending = new ArrayList<>();
    private JobSummary summary;
    private CompletableFuture<Void> telling; // the summary's publication; null if none is under way
    private boolean outdated; // whether there is a newer summary than the one under way

    /// @param facts   sends a fact
    /// @param states  sends a summary
    /// @param summary of what was said before
    Trail(
            Function<GenerationEvent, Uni<Void>> facts,
            Function<JobSummary, Uni<Void>> states,
            HeaderSequence headers,
            JobSummary summary) {
        this.facts = facts;
        this.states = states;
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
        pending.add(facts.apply(requested).subscribeAsCompletionStage());
        tellState();
    }

    /// Says a fact; returns without waiting for the broker.
    synchronized void say(Fact fact) {
        GenerationEvent event = fact.under(headers.next());
        summary = summary.next(event);
        pending.removeIf(sent -> sent.isDone() && !sent.isCompletedExceptionally());
        pending.add(facts.apply(event).subscribeAsCompletionStage());
        tellState();
    }

    /// Says again where the job stands, so that nobody takes a long silence for the end of the worker.
    synchronized void sayAgain() {
        tellState();
    }

    /// Done when everything said so far is safe.
    Uni<Void> settled() {
        return Uni.createFrom().completionStage(() -> {
            synchronized (this) {
                CompletableFuture<?>[] all = pending.toArray(CompletableFuture[]::new);
                pending.clear();
                return CompletableFuture.allOf(all);
            }
        });
    }

    /// Of summaries only the latest counts: those that come while one is under way wait, and the last of them is sent.
    private void tellState() {
        if (telling != null) {
            outdated = true;
            return;
        }
        telling = new CompletableFuture<>();
        pending.add(telling);
        sendState();
    }

    private void sendState() {
        outdated = false;
        states.apply(summary).subscribe().with(_ -> stateSent(null), this::stateSent);
    }

    /// @param failure null if there was none
    private void stateSent(Throwable failure) {
        CompletableFuture<Void> told;
        synchronized (this) {
            if (outdated && failure == null) {
                sendState();
                return;
            }
            told = telling;
            telling = null;
        }
        if (failure == null) {
            told.complete(null);
        } else {
            told.completeExceptionally(failure);
        }
    }
}
