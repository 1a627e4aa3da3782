package io.zoetrope.engine.sampling;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplingGoldenTest {

    static List<Path> noiseCases() {
        return GoldenFiles.of("noise");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noiseCases")
    void noiseIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    static List<Path> sigmaScheduleCases() {
        return GoldenFiles.of("sigma-schedule");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sigmaScheduleCases")
    void sigmaScheduleIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    static List<Path> guidanceCases() {
        return GoldenFiles.of("guidance");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("guidanceCases")
    void guidanceIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    static List<Path> samplerCases() {
        return GoldenFiles.of("sampler");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("samplerCases")
    void samplerIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
