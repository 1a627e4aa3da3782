package io.zoetrope.worker;

import io.zoetrope.audit.Stage;
import java.util.Arrays;
import org.eclipse.microprofile.config.spi.Converter;

/// A stage by its label, as in facts; `encode` is short for `text-encode`.
public final class StageName implements Converter<Stage> {

    private static final String SHORT = "encode";

    @Override
    public Stage convert(String name) {
        return Arrays.stream(Stage.values())
                .filter(stage -> stage.label().equals(name) || stage == Stage.TEXT_ENCODE && name.equals(SHORT))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "stage '%s', expected text-encode (or encode), denoise or decode".formatted(name)));
    }
}
