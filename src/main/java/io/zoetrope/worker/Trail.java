package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.HeaderSequence;
import io.zoetrope.audit.JobSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Says the facts of one job while one worker has it, and keeps its summary. Facts are sent in the order in which
/// they are said; whoever must know that they are safe waits for [#settled].
final class Trail {

    /// A fact that only lacks its place in the trail.
    @FunctionalInterface
    interface Fact {
        GenerationEvent under(Header header);
    }

    private final Publisher publisher;
    private final HeaderSequence headers;
    private final List<CompletableFuture<Void>> pending = new ArrayList<>();
    private JobSummary summary;

    /// @param summary of what was said before
    Trail(Publisher publisher, HeaderSequence headers, JobSummary summary) {
        this.publisher = publisher;
        this.headers = headers;
        this.summary = summary;
    }

    HeaderSequence headers() {
        return headers;
    }

    synchronized JobSummary summary() {
        return summary;
    }

    /// Says a fact; returns without waiting for the broker.
    synchronized void say(Fact fact) {
        GenerationEvent event = fact.under(headers.next());
        summary = summary.next(event);
        pending.removeIf(sent -> sent.isDone() && !sent.isCompletedExceptionally());
        pending.add(publisher.fact(event).subscribeAsCompletionStage());
        pending.add(publisher.state(summary).subscribeAsCompletionStage());
    }

    /// Says again where the job stands, so that nobody takes a long silence for the end of the worker.
    synchronized void sayAgain() {
        pending.add(publisher.state(summary).subscribeAsCompletionStage());
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
}
