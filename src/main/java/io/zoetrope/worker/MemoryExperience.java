package io.zoetrope.worker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.zoetrope.audit.Stage;
import io.zoetrope.capacity.Capacity;
import io.zoetrope.worker.ledger.JobLedger;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What this worker has learnt of its predictions: a stage that ran out of memory reserves more from then on, so that
/// fewer jobs run beside it. A job that ran out elsewhere brings its own lesson.
@ApplicationScoped
class MemoryExperience {

    private static final double LESSON = 1.5;
    private static final double MOST = 8;

    private final JobLedger ledger;
    private final Capacity capacity;
    private final Map<Stage, Double> factors = new ConcurrentHashMap<>();

    MemoryExperience(JobLedger ledger, Capacity capacity, MeterRegistry registry) {
        this.ledger = ledger;
        this.capacity = capacity;
        for (Stage stage : Stage.values()) {
            Gauge.builder("zoetrope.capacity.correction", () -> factor(stage))
                    .tag("stage", stage.label())
                    .description("What predictions of memory are multiplied by, learnt from running out of it")
                    .register(registry);
        }
    }

    /// What a stage of a job reserves: never more than there is, if the prediction says that it fits.
    ///
    /// @param predicted bytes
    long demand(JobHold hold, Stage stage, long predicted) {
        double wanted = predicted * factor(stage);
        if (hold.isRepeated()) {
            wanted = Math.max(wanted, ledger.exhausted(hold.job(), stage) * LESSON);
        }
        return Math.max(predicted, Math.min((long) wanted, capacity.totalBytes()));
    }

    /// A stage ran out of memory although it had reserved what was predicted.
    void ranOut(Stage stage) {
        factors.merge(stage, LESSON, (factor, lesson) -> Math.min(MOST, factor * lesson));
    }

    private double factor(Stage stage) {
        return factors.getOrDefault(stage, 1.0);
    }
}
