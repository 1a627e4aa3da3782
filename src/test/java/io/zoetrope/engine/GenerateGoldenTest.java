package io.zoetrope.engine;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GenerateGoldenTest {

    static List<Path> generateCases() {
        return GoldenFiles.of("generate");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("generateCases")
    void generateIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
