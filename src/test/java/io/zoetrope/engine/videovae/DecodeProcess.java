package io.zoetrope.engine.videovae;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Decodes one clip in a process of its own and tells how much memory that took at its fullest: what is resident
/// then
/// beyond what was before.
public final class DecodeProcess {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RESULT = "peak ";

    private DecodeProcess() {}

    /// What a decoding took.
    ///
    /// @param bytes  beyond what was resident when it began
    /// @param millis it took
    public record Peak(long bytes, long millis) {}

    /// @param weights a VAE with its configuration
    /// @param latent  frames, height and width
    /// @param tiling  by size on all axes; empty to decode as a whole
    public static Peak measure(Path weights, List<Integer> latent, Optional<Tiling> tiling, Path log)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        // The heap is resident from the start, so that what grows is native memory.
                        "-Xms128m",
                        "-Xmx128m",
                        "-XX:+AlwaysPreTouch",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                        "-Dorg.bytedeco.javacpp.maxBytes=0",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        DecodeProcess.class.getName(),
                        weights.toString(),
                        latent.get(0).toString(),
                        latent.get(1).toString(),
                        latent.get(2).toString(),
                        tiling.map(DecodeProcess::text).orElse("whole"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        return Files.readAllLines(log).stream()
                .filter(line -> line.startsWith(RESULT))
                .map(line -> line.substring(RESULT.length()).split(" "))
                .map(words -> new Peak(Long.parseLong(words[0]), Long.parseLong(words[1])))
                .findFirst()
                .orElseThrow(() -> new IOException("the process ended without a result, see " + log));
    }

    public static void main(String... arguments) throws IOException {
        try (TensorArena arena = new TensorArena();
                TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(1)) {
            Checkpoint checkpoint = arena.own(Checkpoint.open(List.of(Path.of(arguments[0]))));
            JsonNode config = JSON.readTree(checkpoint.metadata().get("config")).get("vae");
            Weights weights =
                    Weights.of(checkpoint, Device.CPU, DataType.FLOAT32, arena).under("vae");
            VideoDecoder decoder = VideoDecoder.load(VideoVaeConfig.of(ConfigSection.of("vae", config)), weights);
            weights.finish("video decoder");
            long channels = decoder.config().latentChannels();
            decode(decoder, random.normal(DataType.FLOAT32, 1, channels, 2, 2, 2), Tiling.WHOLE); // loads the libraries
            Tensor latent = random.normal(
                    DataType.FLOAT32,
                    1,
                    channels,
                    Integer.parseInt(arguments[1]),
                    Integer.parseInt(arguments[2]),
                    Integer.parseInt(arguments[3]));
            long before = status("VmRSS");
            long start = System.nanoTime();
            decode(decoder, latent, tiling(arguments[4]));
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            System.out.println(RESULT + (status("VmHWM") - before) + " " + millis);
        }
    }

    private static String text(Tiling tiling) {
        return Stream.of(tiling.frames(), tiling.height(), tiling.width())
                .map(axis -> (Tiling.Axis.Size) axis)
                .map(size -> size.tile() + "/" + size.overlap())
                .collect(Collectors.joining(" "));
    }

    private static Tiling tiling(String text) {
        if (text.equals("whole")) {
            return Tiling.WHOLE;
        }
        List<Tiling.Axis> axes =
                Arrays.stream(text.split(" ")).map(DecodeProcess::axis).toList();
        return new Tiling(axes.get(0), axes.get(1), axes.get(2));
    }

    private static Tiling.Axis axis(String text) {
        String[] words = text.split("/");
        return new Tiling.Axis.Size(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
    }

    private static void decode(VideoDecoder decoder, Tensor latent, Tiling tiling) {
        decoder.decode(latent, null, tiling, chunk -> ColourLevels.inPieces(chunk, _ -> {}));
    }

    private static long status(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToLong(kilobytes -> Long.parseLong(kilobytes) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
