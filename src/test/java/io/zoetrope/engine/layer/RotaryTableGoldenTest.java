package io.zoetrope.engine.layer;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RotaryTableGoldenTest {

    static List<Path> ropeCases() {
        return GoldenFiles.of("rope");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ropeCases")
    void ropeIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
