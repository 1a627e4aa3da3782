package io.zoetrope.engine.lora;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoraGoldenTest {

    static List<Path> loraCases() {
        return GoldenFiles.of("lora");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("loraCases")
    void fusingIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
