package io.zoetrope.worker;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Stage;
import io.zoetrope.capacity.Capacity;
import io.zoetrope.engine.tensor.AttentionKernel;
import io.zoetrope.engine.text.TextContextCache;
import io.zoetrope.engine.transformer.PassKind;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/// What Prometheus is told.
@ApplicationScoped
@Startup // gauges are there before the first job
class JobMetrics {

    private final MeterRegistry registry;

    JobMetrics(MeterRegistry registry, Capacity capacity) {
        this.registry = registry;
        Gauge.builder("zoetrope.capacity.reserved", capacity, Capacity::reservedBytes)
                .baseUnit("bytes")
                .description("Memory that running stages have reserved")
                .register(registry);
        Gauge.builder("zoetrope.capacity.total", capacity, Capacity::totalBytes)
                .baseUnit("bytes")
                .description("Memory that stages may reserve")
                .register(registry);
        Gauge.builder("zoetrope.capacity.waiting", capacity, Capacity::waiting)
                .description("Stages that wait for memory")
                .register(registry);
        for (AttentionKernel kernel : AttentionKernel.values()) {
            FunctionCounter.builder("zoetrope.attention.calls", kernel, AttentionKernel::calls)
                    .tag("kernel", kernel.label())
                    .description("Attentions computed with a kernel")
                    .register(registry);
        }
        for (PassKind kind : PassKind.values()) {
            FunctionCounter.builder("zoetrope.passes", kind, PassKind::passes)
                    .tag("kind", kind.label())
                    .description("Evaluations of the transformer by how they were computed")
                    .register(registry);
        }
    }

    /// Tells how often a model's prompts had been encoded before.
    void watch(String model, TextContextCache contexts) {
        texts(model, "hit", contexts, TextContextCache::hits);
        texts(model, "miss", contexts, TextContextCache::misses);
    }

    private void texts(
            String model, String result, TextContextCache contexts, ToDoubleFunction<TextContextCache> count) {
        FunctionCounter.builder("zoetrope.text.cache", contexts, count)
                .tag("model", model)
                .tag("result", result)
                .description("Prompts whose context was there, and prompts that were encoded")
                .register(registry);
    }

    void ended(GenerationEvent fact) {
        String outcome = fact.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        registry.counter("zoetrope.jobs", "outcome", outcome).increment();
    }

    void stage(Stage stage, Duration duration) {
        Timer.builder("zoetrope.stage")
                .tag("stage", stage.label())
                .description("Time that a stage takes, waiting for memory excluded")
                .register(registry)
                .record(duration);
    }

    void step(Duration duration) {
        Timer.builder("zoetrope.step")
                .description("Time of one denoising step")
                .register(registry)
                .record(duration);
    }

    /// Mean time that a job takes this worker, all stages summed; 1 before the first one.
    double secondsPerJob() {
        double sum = 0;
        for (Stage stage : Stage.values()) {
            Timer timer =
                    registry.find("zoetrope.stage").tag("stage", stage.label()).timer();
            sum += timer == null ? 0 : timer.mean(TimeUnit.SECONDS);
        }
        return sum == 0 ? 1 : sum;
    }
}
