package io.zoetrope.engine.audiovae;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AudioGoldenTest {

    static List<Path> cases() {
        return Stream.of("mel", "audio-vae-encoder", "audio-vae-decoder", "vocoder")
                .flatMap(component -> GoldenFiles.of(component).stream())
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void soundIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
