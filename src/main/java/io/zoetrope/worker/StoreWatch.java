package io.zoetrope.worker;

import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.artifact.FolderStore;
import io.zoetrope.worker.intake.ShareGroupConnector;
import io.zoetrope.worker.ledger.StoreOutage;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;
import org.jboss.logging.Logger;

/// While the artifact store does not work the worker takes no job, because it could only give it back.
@ApplicationScoped
class StoreWatch implements StoreOutage {

    private static final Logger LOG = Logger.getLogger(StoreWatch.class);
    private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(1);

    /// No write takes so long.
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final ArtifactStore store;
    private final ShareGroupConnector intake;
    private final AtomicBoolean away = new AtomicBoolean();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("store-watch").daemon().factory());

    StoreWatch(ArtifactStore store, @Connector(ShareGroupConnector.NAME) ShareGroupConnector intake) {
        this.store = store;
        this.intake = intake;
        if (store instanceof FolderStore folder) {
            var _ = timer.scheduleWithFixedDelay(() -> tidy(folder), 0, ABANDONED.toMinutes(), TimeUnit.MINUTES);
        }
    }

    @Override
    public void noticed(Throwable failure) {
        if (away.compareAndSet(false, true)) {
            LOG.warnf("the artifact store does not work: %s; no job is taken until it does", failure.getMessage());
            intake.pause();
            checkLater();
        }
    }

    boolean works() {
        return !away.get();
    }

    /// Readiness of the store.
    @Readiness
    @ApplicationScoped
    static class Health implements HealthCheck {

        private final StoreWatch watch;

        Health(StoreWatch watch) {
            this.watch = watch;
        }

        @Override
        public HealthCheckResponse call() {
            return HealthCheckResponse.named("artifact store")
                    .status(watch.works())
                    .build();
        }
    }

    @PreDestroy
    void close() {
        timer.shutdownNow();
    }

    /// Workers that died while they wrote have left hidden files.
    private static void tidy(FolderStore folder) {
        folder.removeAbandoned(ABANDONED)
                .subscribe()
                .with(
                        count -> {
                            if (count > 0) {
                                LOG.infof("removed %d files that workers have left unfinished", count);
                            }
                        },
                        failure -> LOG.debugf("the artifact folder was not tidied: %s", failure.getMessage()));
    }

    private void checkLater() {
        var _ = timer.schedule(
                () -> store.check().subscribe().with(_ -> recovered(), _ -> checkLater()),
                BETWEEN_CHECKS.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void recovered() {
        LOG.info("the artifact store works again");
        away.set(false);
        intake.resume();
    }
}
