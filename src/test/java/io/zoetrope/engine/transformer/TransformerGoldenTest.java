package io.zoetrope.engine.transformer;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TransformerGoldenTest {

    static List<Path> transformerBlockCases() {
        return GoldenFiles.of("transformer-block");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("transformerBlockCases")
    void transformerBlockIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    static List<Path> transformerCases() {
        return GoldenFiles.of("transformer");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("transformerCases")
    void transformerIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
