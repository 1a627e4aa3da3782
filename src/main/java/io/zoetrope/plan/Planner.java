package io.zoetrope.plan;

import io.zoetrope.request.NearestName;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.request.Problem;
import io.zoetrope.request.Seed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;

/// Turns requests into plans for the models of one worker on one device. Holds no state: the same request,
/// seed, model and device give the same plan.
public final class Planner {

    private final SequencedMap<String, OfferedModel> models = new LinkedHashMap<>();
    private final ComputeDevice device;

    /// @param models those that requests may name, the default first
    public Planner(List<OfferedModel> models, ComputeDevice device) {
        for (OfferedModel model : models) {
            if (this.models.putIfAbsent(model.description().name(), model) != null) {
                throw new IllegalArgumentException(
                        "two models named " + model.description().name());
            }
        }
        if (models.isEmpty()) {
            throw new IllegalArgumentException("no model, expected at least one");
        }
        this.device = device;
    }

    public ComputeDevice device() {
        return device;
    }

    /// In what a clip may still be decoded when memory runs out in spite of its plan, the largest first. The result
    /// differs a little from the plan's where tiles overlap.
    public List<DecodeTiles> smallerTiles(GenerationPlan plan) {
        OfferedModel model = models.get(plan.model().name());
        return plan.soundOnly()
                ? List.of()
                : new DecodeMemory(model.description(), device).smaller(plan.video(), plan.tiling());
    }

    /// Plans what was read; what the reader found wrong is listed together with what the model cannot do.
    ///
    /// @param seeds asked only if the request has no seed, see [DrawnSeed]
    public PlanOutcome plan(ParsedRequest parsed, Supplier<Seed> seeds) {
        List<Problem> problems = new ArrayList<>(parsed.problems());
        String name = parsed.request().model().orElse(models.firstEntry().getKey());
        OfferedModel model = models.get(name);
        if (model == null) {
            String known = String.join(", ", models.keySet());
            String nearest = NearestName.of(name, models.keySet()).orElse(null);
            problems.add(new Problem("model", "unknown-name", name, "one of " + known, nearest));
            return new PlanOutcome.Refused(problems);
        }
        return new RequestPlanning(parsed, model, device, problems).plan(seeds);
    }
}
