package io.zoetrope.cli;

import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.transformer.RecordedPasses;
import picocli.CommandLine.Option;

/// Options of the commands that run the engine in their own process.
final class EngineOptions {

    @Option(
            names = "--device",
            defaultValue = "auto",
            paramLabel = "DEVICE",
            description = "cpu, cuda, cuda:N or auto (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = "--threads",
            defaultValue = "0",
            paramLabel = "N",
            description = "Threads of the CPU operators (default: one per processor).")
    private int threads;

    @Option(
            names = "--recorded-passes",
            description = "Record the transformer's passes on a GPU and replay them (docs/gpu.md).")
    private boolean recordedPasses;

    /// The chosen device, with the process's threads set, for the calling thread to compute on.
    Device device() {
        if (threads < 0) {
            throw new InputException("--threads %d; expected at least 1".formatted(threads));
        }
        Device.useThreads(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
        try {
            Device chosen = Device.parse(device);
            chosen.enter();
            RecordedPasses.want(recordedPasses);
            return chosen;
        } catch (IllegalArgumentException e) {
            throw new InputException("--device: " + e.getMessage());
        }
    }
}
