package io.zoetrope.cli;

import java.nio.file.Path;

/// What lies beside the program: the launcher names its folder in the system property `zoetrope.home`.
final class ShippedFiles {

    private ShippedFiles() {}

    static Path demoModel() {
        return home().resolve("models/demo");
    }

    static Path home() {
        return Path.of(System.getProperty("zoetrope.home", "."));
    }
}
