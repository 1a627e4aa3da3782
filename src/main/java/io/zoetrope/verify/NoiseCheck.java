package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;

/// Seeds to numbers.
final class NoiseCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        int sequence = 0;
        for (JsonNode entry : golden.params().get("sequences")) {
            try (RandomStream stream = RandomStream.seeded(entry.get("seed").asLong())) {
                int draw = 0;
                for (JsonNode wanted : entry.get("draws")) {
                    long[] shape = StreamSupport.stream(wanted.get("shape").spliterator(), false)
                            .mapToLong(JsonNode::asLong)
                            .toArray();
                    DataType type =
                            DataType.valueOf(wanted.get("dtype").asText().toUpperCase(Locale.ROOT));
                    results.put("%02d.%d".formatted(sequence, draw++), stream.normal(type, shape));
                }
            }
            sequence++;
        }
        return results;
    }
}
