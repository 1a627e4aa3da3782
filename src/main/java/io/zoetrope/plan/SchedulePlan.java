package io.zoetrope.plan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.zoetrope.request.Schedule;

/// The rule of the noise levels with all its parameters; the number of steps stands in the plan.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SchedulePlan.Shifted.class, name = "shifted"),
    @JsonSubTypes.Type(value = SchedulePlan.Distilled.class, name = "distilled"),
    @JsonSubTypes.Type(value = SchedulePlan.Refining.class, name = "refining"),
    @JsonSubTypes.Type(value = SchedulePlan.LinearQuadratic.class, name = "linear-quadratic"),
    @JsonSubTypes.Type(value = SchedulePlan.Beta.class, name = "beta")
})
public sealed interface SchedulePlan {

    /// Steps of the fixed levels of a distilled model's first stage.
    int DISTILLED_STEPS = 8;

    /// Steps of the fixed levels of a second phase.
    int REFINING_STEPS = 3;

    /// The level at which a second phase begins.
    double REFINING_LEVEL = 0.909375;

    /// Tokens that the shift is computed for unless the clip's own number counts.
    int STOCK_TOKENS = 4096;

    /// Evenly spaced levels, shifted by the number of tokens.
    ///
    /// @param tokens    that the shift is computed for; the reference's one-stage pipeline always takes 4096
    /// @param baseShift shift at 1024 tokens
    /// @param maxShift  shift at 4096 tokens
    /// @param stretch   whether the levels are stretched so that the last but one is `terminal`
    record Shifted(int tokens, double baseShift, double maxShift, boolean stretch, double terminal)
            implements SchedulePlan {}

    /// The fixed levels of a distilled model.
    record Distilled() implements SchedulePlan {}

    /// The fixed levels of a second phase.
    record Refining() implements SchedulePlan {}

    /// @param linearSteps the first steps, which go down by equal amounts
    /// @param threshold   how far they go down together
    record LinearQuadratic(int linearSteps, double threshold) implements SchedulePlan {}

    /// Levels at the quantiles of a beta distribution; it may give fewer steps than asked for.
    record Beta(double alpha, double beta) implements SchedulePlan {}

    /// The schedule of that name with the reference's parameters.
    ///
    /// @param tokens of the picture that it is for
    static SchedulePlan of(Schedule name, int steps, long tokens) {
        return switch (name) {
            case SHIFTED -> new Shifted(STOCK_TOKENS, 0.95, 2.05, true, 0.1);
            case SHIFTED_TOKENS -> new Shifted(Math.toIntExact(tokens), 0.95, 2.05, true, 0.1);
            case DISTILLED -> new Distilled();
            case LINEAR_QUADRATIC -> new LinearQuadratic(steps / 2, 0.025);
            case BETA -> new Beta(0.6, 0.6);
        };
    }

    /// The fewest steps with which the rule is defined: the stretch of one step divides by zero.
    static int fewestSteps(Schedule name) {
        return switch (name) {
            case SHIFTED, SHIFTED_TOKENS -> 2;
            case DISTILLED -> DISTILLED_STEPS;
            case LINEAR_QUADRATIC, BETA -> 1;
        };
    }
}
