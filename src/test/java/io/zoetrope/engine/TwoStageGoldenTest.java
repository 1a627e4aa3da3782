package io.zoetrope.engine;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TwoStageGoldenTest {

    static List<Path> twoStageCases() {
        return GoldenFiles.of("two-stage");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("twoStageCases")
    void twoStageRunsAreTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
