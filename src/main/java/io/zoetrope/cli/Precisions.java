package io.zoetrope.cli;

import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.plan.Precision;

/// `--precision` on the command line.
final class Precisions {

    private Precisions() {}

    static Precision parse(String name) {
        return Precision.named(name)
                .orElseThrow(
                        () -> new InputException("--precision '%s'; expected float32 or bfloat16".formatted(name)));
    }
}
