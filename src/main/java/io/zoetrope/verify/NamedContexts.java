package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.text.TextContext;
import java.util.SortedMap;

/// The text contexts that a case names: outputs of a `prompt-context` case.
record NamedContexts(GoldenCase file, String positiveName, String negativeName) implements AutoCloseable {

    static NamedContexts open(JsonNode params, Locations locations, Device device) {
        JsonNode contexts = params.get("contexts");
        String file = contexts.get("files").get(0).asText() + ".safetensors";
        return new NamedContexts(
                GoldenCase.open(locations.resolve(file), device),
                contexts.get("positive").asText(),
                contexts.get("negative").asText());
    }

    TextContext positive() {
        return named(positiveName);
    }

    TextContext negative() {
        return named(negativeName);
    }

    @Override
    public void close() {
        file.close();
    }

    private TextContext named(String name) {
        SortedMap<String, Tensor> outputs = file.outputs();
        return new TextContext(
                outputs.get(name + ".video").to(file.device()),
                outputs.get(name + ".audio").to(file.device()));
    }
}
