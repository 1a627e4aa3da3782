package io.zoetrope.bench;

import io.zoetrope.bench.Alternation.Spent;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.Ltx2;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.sampling.GuidancePass;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContextCache;
import io.zoetrope.plan.CheckpointDescription;
import io.zoetrope.plan.ComputeDevice;
import io.zoetrope.plan.DrawnSeed;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.plan.ModelDefaults;
import io.zoetrope.plan.OfferedModel;
import io.zoetrope.plan.PlanOutcome;
import io.zoetrope.plan.Planner;
import io.zoetrope.plan.Precision;
import io.zoetrope.request.RequestReader;
import io.zoetrope.worker.ClipFiles;
import io.zoetrope.worker.EncodedPlan;
import io.zoetrope.worker.PlanEncoder;
import io.zoetrope.worker.ServedModel;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The engine without a worker around it: the same request, sound alone, from the prompt to the file. What a job
/// takes in a worker beyond this is the worker's.
final class BareEngine implements AutoCloseable {

    private static final long TEXT_CACHE = 128L << 20; // as in a worker, unless it is told otherwise, and so the batch
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final ServedModel model;
    private final GenerationPlan plan;

    private BareEngine(ServedModel model, GenerationPlan plan) {
        this.model = model;
        this.plan = plan;
    }

    /// @param folder  of the model
    /// @param request JSON
    static BareEngine load(Path folder, byte[] request) throws IOException {
        ModelFiles files = ModelFiles.of(folder);
        Ltx2 engine = Ltx2.load(files, Device.CPU, DataType.FLOAT32, WeightStorage.COMPUTE_TYPE);
        var description = CheckpointDescription.read(folder.getFileName().toString(), files, DataType.FLOAT32);
        OfferedModel offered = new OfferedModel(
                description,
                ModelDefaults.of(folder, description.version()),
                prompt -> engine.textEncoder().count(prompt) - 1);
        var device = new ComputeDevice(
                Device.CPU.toString(), Precision.FLOAT32, Long.MAX_VALUE, GuidancePass.values().length);
        return switch (new Planner(List.of(offered), device).plan(RequestReader.read(request), DrawnSeed::random)) {
            case PlanOutcome.Planned(var plan) ->
                new BareEngine(
                        new ServedModel(offered, engine, new TextContextCache(engine.textEncoder(), TEXT_CACHE)), plan);
            case PlanOutcome.Refused(var problems) -> {
                engine.close();
                throw new IllegalArgumentException(
                        "the model of %s refuses the request: %s".formatted(folder, problems));
            }
        };
    }

    /// What each took of so many runs, after as many that do not count. Processor time is that of this thread.
    List<Spent> measure(int runs, Path folder) throws IOException {
        List<Spent> spent = new ArrayList<>();
        Path file = folder.resolve("bare.wav");
        for (int run = -runs; run < runs; run++) {
            long begin = System.nanoTime();
            long processor = THREADS.getCurrentThreadCpuTime();
            generate(file);
            if (run >= 0) {
                spent.add(new Spent(
                        (System.nanoTime() - begin) / 1e9, (THREADS.getCurrentThreadCpuTime() - processor) / 1e9));
            }
            Files.delete(file);
        }
        return spent;
    }

    private void generate(Path file) throws IOException {
        try (TensorScope _ = TensorScope.open()) {
            EncodedPlan encoded = new PlanEncoder(model, (_, source, _) -> {
                        throw new IllegalArgumentException("a request without sources names " + source);
                    })
                    .encode(plan, plan.prompt());
            Latents latents = model.engine()
                    .denoiser()
                    .denoise(
                            model.denoising(plan, encoded.given()),
                            encoded.positive(),
                            encoded.negative(),
                            _ -> {},
                            TraceListener.NONE);
            ClipFiles.decodeSound(model.engine().decoder(), latents, file);
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
