package io.zoetrope.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The reference implementation on a device with the same model, in a process that must have ended before ours
/// begins: both do not fit into one device.
public final class DeviceReference implements AutoCloseable {

    /// @param seconds   of each run that counts
    /// @param peakBytes of the device, or of the process on the CPU
    public record Figures(List<Double> seconds, long peakBytes) {

        public double median() {
            return Alternation.median(seconds);
        }

        public double least() {
            return seconds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        }
    }

    private final Contestant process;

    private DeviceReference(Contestant process) {
        this.process = process;
    }

    /// @param program Python and the script
    /// @param log     takes what it says on its error stream
    /// @param model   file of a drawn transformer, or folder of a whole model in the layout of diffusers
    /// @param device  in LibTorch's words
    /// @throws IOException if it does not start or does not load
    public static DeviceReference load(
            List<String> program, Path log, Path model, String type, String device, int threads) throws IOException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(
                "--workload=sized",
                "--model=" + model,
                "--type=" + type,
                "--device=" + device,
                "--threads=" + threads));
        return new DeviceReference(Contestant.start("diffusers", command, Map.of(), log));
    }

    /// Passes, after as many that made what is made once.
    public Figures passes(ClipSize size) throws IOException {
        return measure(Stage.PASS, size);
    }

    /// A whole clip of a model in a folder, after one that does not count.
    public Figures clip(ClipSize size) throws IOException {
        return measure(Stage.CLIP, size);
    }

    private Figures measure(Stage stage, ClipSize size) throws IOException {
        process.run(stage, size);
        process.memory(); // what follows is another peak
        List<Double> seconds = process.run(stage, size).seconds();
        return new Figures(seconds, process.memory().peak());
    }

    @Override
    public void close() {
        process.close();
    }
}
