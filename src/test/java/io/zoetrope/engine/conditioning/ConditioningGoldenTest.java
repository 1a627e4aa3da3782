package io.zoetrope.engine.conditioning;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConditioningGoldenTest {

    static List<Path> cases() {
        return GoldenFiles.of("conditioning");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void reproducesTheReference(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
