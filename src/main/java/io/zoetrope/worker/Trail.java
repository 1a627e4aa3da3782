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

/// Says the facts of one job while one stage has it. Facts are sent in the order in which they are said;
/// whoever must know that they are safe waits for [#settled].
final class Trail {

    private final Publisher publisher;
    private final HeaderSequence headers;
    private final List<CompletableFuture<Void>> pending = new ArrayList<>();

    Trail(Publisher publisher, HeaderSequence headers) {
        this.publisher = publisher;
        this.headers = headers;
    }

    HeaderSequence headers() {
        return headers;
    }

    /// Says a fact; returns without waiting for the broker.
    synchronized void say(Function<Header, GenerationEvent> fact) {
        GenerationEvent event = fact.apply(headers.next());
        pending.add(publisher.fact(event).subscribeAsCompletionStage());
        pending.add(publisher.state(JobSummary.of(event)).subscribeAsCompletionStage());
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
