package io.zoetrope.engine.latent;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PositionsGoldenTest {

    static List<Path> patchifyPositionsCases() {
        return GoldenFiles.of("patchify-positions");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("patchifyPositionsCases")
    void patchifyPositionsIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
