package io.zoetrope.verify;

import java.time.Duration;
import java.util.Locale;

/// What became of one golden case.
///
/// @param component          of the engine
/// @param name               of the case
/// @param passed             whether every output is within the case's tolerance
/// @param absoluteDifference greatest |ours - theirs| over all outputs
/// @param relativeDifference greatest |ours - theirs| relative to the greatest |theirs| of that output
/// @param tensor             the output with the greatest absolute difference
/// @param remark             why it failed, or which rule judged it; empty if there is nothing to say
/// @param duration           of the component's run
public record Verdict(
        String component,
        String name,
        boolean passed,
        double absoluteDifference,
        double relativeDifference,
        String tensor,
        String remark,
        Duration duration) {

    /// The line that `zoetrope verify` prints.
    public String line() {
        String line = String.format(
                Locale.ROOT,
                "%s  %-44s abs %.2e  rel %.2e  %s",
                passed ? "PASS" : "FAIL",
                component + "/" + name,
                absoluteDifference,
                relativeDifference,
                tensor);
        return remark.isEmpty() ? line : line + "  (" + remark + ")";
    }
}
