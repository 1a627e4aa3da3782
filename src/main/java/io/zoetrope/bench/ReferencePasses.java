package io.zoetrope.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Passes of the reference implementation with the same drawn transformer, in a process that has ended when
/// they are told: both do not fit into one device.
public final class ReferencePasses {

    /// @param seconds   of each pass that counts
    /// @param peakBytes of the device, or of the process on the CPU
    public record Figures(List<Double> seconds, long peakBytes) {

        public double median() {
            return Alternation.median(seconds);
        }

        public double least() {
            return seconds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        }
    }

    private ReferencePasses() {}

    /// @param program Python and the script
    /// @param log     takes what it says on its error stream
    /// @param device  in LibTorch's words
    /// @throws IOException if it does not start or does not answer
    public static Figures measure(
            List<String> program,
            Path log,
            Path file,
            ClipSize size,
            int steps,
            String type,
            String device,
            int threads)
            throws IOException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(
                "--workload=drawn",
                "--model=" + file,
                "--size=" + size,
                "--steps=" + steps,
                "--type=" + type,
                "--device=" + device,
                "--threads=" + threads));
        try (Contestant reference = Contestant.start("diffusers", command, Map.of(), log)) {
            reference.run(Stage.PASS); // makes what is made once
            List<Double> seconds = reference.run(Stage.PASS).seconds();
            return new Figures(seconds, reference.memory().peak());
        }
    }
}
