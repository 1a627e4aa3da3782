package io.zoetrope.verify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Locale;

/// What became of one golden case. Pictures that differ by no more than the colour level that rounding may move
/// them are in the remark and not in the numbers.
///
/// @param golden             the case
/// @param passed             whether every output is within the case's tolerance
/// @param absoluteDifference greatest |ours - theirs| over all outputs; NaN if there is nothing to compare
/// @param relativeDifference greatest |ours - theirs| relative to the greatest |theirs| of that output; or NaN
/// @param toleranceUsed      greatest difference as a share of what is allowed there, 1 for the whole; NaN if
///                           there is nothing to compare or the difference is told and not judged
/// @param tensor             the output with the greatest absolute difference
/// @param remark             why it failed, or which rule judged it; empty if there is nothing to say
/// @param duration           of the component's run
public record Verdict(
        CaseHeader golden,
        boolean passed,
        double absoluteDifference,
        double relativeDifference,
        double toleranceUsed,
        String tensor,
        String remark,
        Duration duration) {

    /// `PASS` or `FAIL`.
    public String word() {
        return passed ? "PASS" : "FAIL";
    }

    /// The line that `zoetrope verify` prints.
    public String line() {
        String line = String.format(
                Locale.ROOT,
                "%s  %-44s abs %.2e  rel %.2e  %s",
                word(),
                golden,
                absoluteDifference,
                relativeDifference,
                tensor);
        return remark.isEmpty() ? line : line + "  (" + remark + ")";
    }

    /// The line that `zoetrope verify --json` prints. A number that there is not is null.
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("component", golden.component())
                .put("case", golden.name())
                .put("passed", passed)
                .put("absolute_difference", number(absoluteDifference))
                .put("relative_difference", number(relativeDifference))
                .put("absolute_tolerance", golden.absoluteTolerance())
                .put("relative_tolerance", golden.relativeTolerance())
                .put("tolerance_used", number(toleranceUsed))
                .put("tensor", tensor)
                .put("duration_seconds", duration.toMillis() / 1000.0);
        if (!remark.isEmpty()) {
            json.put("remark", remark);
        }
        return json.put("description", golden.description());
    }

    /// JSON has no NaN and no infinity.
    private static Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
