package io.zoetrope.engine.videovae;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VideoDecoderGoldenTest {

    static List<Path> videoVaeDecoderCases() {
        return GoldenFiles.of("video-vae-decoder");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("videoVaeDecoderCases")
    void videoVaeDecoderIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
