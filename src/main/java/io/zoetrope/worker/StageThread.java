package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.MDC;

/// The one platform thread of a stage. Scopes and guards of LibTorch are bound to a thread, so whatever
/// computes runs here from its first tensor to its last.
final class StageThread implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;

    private final ExecutorService executor;

    StageThread(String name) {
        this.executor = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
    }

    /// Runs `work` on the thread, with the job's id in every log line.
    <T> Uni<T> run(Job job, Callable<T> work) {
        return Uni.createFrom()
                .item(() -> {
                    MDC.put("job", job.id().value());
                    try {
                        return work.call();
                    } catch (RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new StageFailure(e.getMessage(), e);
                    } finally {
                        MDC.remove("job");
                    }
                })
                .runSubscriptionOn(executor);
    }

    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException _) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /// A checked exception on its way through a reactive stream.
    static final class StageFailure extends RuntimeException {
        StageFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
