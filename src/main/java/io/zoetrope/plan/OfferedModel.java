package io.zoetrope.plan;

/// A model that requests may name.
///
/// @param defaults what requests leave out
/// @param tokens   the model's tokenizer
public record OfferedModel(ModelDescription description, ModelDefaults defaults, TokenCounter tokens) {

    public OfferedModel {
        if (!description.pipelines().contains(defaults.pipeline())) {
            throw new IllegalArgumentException("model %s: its defaults say pipeline %s, expected one of %s"
                    .formatted(description.name(), defaults.pipeline(), description.pipelines()));
        }
        defaults.distilledLora().map(ModelDefaults.DistilledLora::name).ifPresent(name -> {
            if (description.lora(name).isEmpty()) {
                throw new IllegalArgumentException("model %s: its defaults name LoRA %s, which is not beside it"
                        .formatted(description.name(), name));
            }
        });
    }
}
