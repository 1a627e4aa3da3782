package io.zoetrope.engine.videovae;

import java.nio.file.*;
import java.util.*;

final class PeakTrial {
    public static void main(String... a) throws Exception {
        Path dir = Files.createTempDirectory("peak");
        Path w = TinyVae.write(dir.resolve("vae.safetensors"), Integer.parseInt(a[0]));
        for (int i = 1; i + 1 < a.length; i += 2) {
            List<Integer> latent =
                    Arrays.stream(a[i].split("x")).map(Integer::valueOf).toList();
            var p = DecodeProcess.measure(w, latent, a[i + 1].replace('_', ' '), dir.resolve("log"));
            System.out.printf("%s %s %s: %.1f MiB, %d ms%n", a[0], a[i], a[i + 1], p.bytes() / 1048576.0, p.millis());
        }
    }
}
