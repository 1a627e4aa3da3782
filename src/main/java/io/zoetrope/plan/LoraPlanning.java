package io.zoetrope.plan;

import io.zoetrope.request.EntryPlaces;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.NearestName;
import io.zoetrope.request.Problem;
import java.util.ArrayList;
import java.util.List;

/// The LoRAs of a request, by their registered names.
final class LoraPlanning {

    private final GenerationRequest request;
    private final EntryPlaces places;
    private final ModelDescription model;
    private final List<Problem> problems;

    /// @param places of the request's LoRAs
    LoraPlanning(GenerationRequest request, EntryPlaces places, ModelDescription model, List<Problem> problems) {
        this.request = request;
        this.places = places;
        this.model = model;
        this.problems = problems;
    }

    List<LoraPlan> loras() {
        List<LoraPlan> loras = new ArrayList<>();
        for (int index = 0; index < request.loras().size(); index++) {
            GenerationRequest.Lora wish = request.loras().get(index);
            String path = places.path(index) + ".name";
            var known = model.lora(wish.name());
            List<String> names =
                    model.loras().stream().map(ModelDescription.Lora::name).toList();
            if (known.isEmpty()) {
                problems.add(new Problem(
                        path,
                        "unknown-name",
                        wish.name(),
                        names.isEmpty()
                                ? "no LoRAs: model %s has none".formatted(model.name())
                                : "one of " + String.join(", ", names),
                        NearestName.of(wish.name(), names).orElse(null)));
            } else if (loras.stream().anyMatch(lora -> lora.name().equals(wish.name()))) {
                problems.add(new Problem(path, "repeated", wish.name(), "each LoRA once", null));
            } else {
                loras.add(new LoraPlan(
                        wish.name(), wish.strength().orElse(1.0), known.get().digest()));
            }
        }
        return loras;
    }

    /// These and a model's own one; the same one asked for by the request gets both strengths.
    static List<LoraPlan> with(List<LoraPlan> loras, LoraPlan own) {
        List<LoraPlan> all = new ArrayList<>();
        double strength = own.strength();
        for (LoraPlan lora : loras) {
            if (lora.name().equals(own.name())) {
                strength += lora.strength();
            } else {
                all.add(lora);
            }
        }
        all.add(new LoraPlan(own.name(), strength, own.digest()));
        return List.copyOf(all);
    }
}
