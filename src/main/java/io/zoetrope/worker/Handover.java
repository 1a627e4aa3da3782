package io.zoetrope.worker;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Hands items from one stage to the next; nothing is computed here.
@ApplicationScoped
class Handover implements Executor {

    private final ExecutorService executor = Executors.newCachedThreadPool(
            Thread.ofPlatform().name("handover-", 0).daemon().factory());

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }
}
