package io.zoetrope.plan;

import io.zoetrope.request.Problem;
import java.util.List;

/// What planning came to.
public sealed interface PlanOutcome {

    /// It can be done, so.
    record Planned(GenerationPlan plan) implements PlanOutcome {}

    /// It cannot be done.
    ///
    /// @param problems every reason, at least one
    record Refused(List<Problem> problems) implements PlanOutcome {

        public Refused {
            problems = List.copyOf(problems);
            if (problems.isEmpty()) {
                throw new IllegalArgumentException("refused without a reason");
            }
        }
    }
}
