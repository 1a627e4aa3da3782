package io.zoetrope.engine.videovae;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VideoVaeGoldenTest {

    static List<Path> videoVaeDecoderCases() {
        return GoldenFiles.of("video-vae-decoder");
    }

    static List<Path> tiledDecodeCases() {
        return GoldenFiles.of("video-vae-tiled-decode");
    }

    static List<Path> videoVaeEncoderCases() {
        return GoldenFiles.of("video-vae-encoder");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("videoVaeDecoderCases")
    void videoVaeDecoderIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tiledDecodeCases")
    void tiledDecodingIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("videoVaeEncoderCases")
    void videoVaeEncoderIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
