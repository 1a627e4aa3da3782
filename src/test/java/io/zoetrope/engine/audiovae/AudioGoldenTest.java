package io.zoetrope.engine.audiovae;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AudioGoldenTest {

    static List<Path> audioVaeDecoderCases() {
        return GoldenFiles.of("audio-vae-decoder");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("audioVaeDecoderCases")
    void audioVaeDecoderIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    static List<Path> vocoderCases() {
        return GoldenFiles.of("vocoder");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vocoderCases")
    void vocoderIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
