package io.zoetrope.engine.text;

import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextEncoderGoldenTest {

    static List<Path> tokenizerCases() {
        return GoldenFiles.of("tokenizer");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tokenizerCases")
    void tokenizerIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    static List<Path> gemmaCases() {
        return GoldenFiles.of("gemma");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("gemmaCases")
    void gemmaIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    static List<Path> featureExtractorCases() {
        return GoldenFiles.of("feature-extractor");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("featureExtractorCases")
    void featureExtractorIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    static List<Path> connectorsCases() {
        return GoldenFiles.of("connectors");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("connectorsCases")
    void connectorsIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    static List<Path> promptEmbeddingsCases() {
        return GoldenFiles.of("prompt-embeddings");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("promptEmbeddingsCases")
    void promptEmbeddingsIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    static List<Path> promptContextCases() {
        return GoldenFiles.of("prompt-context");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("promptContextCases")
    void promptContextIsTheReferences(Path golden) {
        GoldenFiles.assertPasses(golden);
    }
}
