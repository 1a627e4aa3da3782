package io.zoetrope.engine.lora;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Makes files of LoRAs with random numbers.
final class LoraFiles {

    private final Map<String, Tensor> tensors = new TreeMap<>();
    private final Map<String, String> metadata = new TreeMap<>();

    /// @param stem key of the layer in the file, with its prefix
    LoraFiles layer(String stem, long rank, long in, long out) {
        return tensor(stem + ".lora_A.weight", rank, in).tensor(stem + ".lora_B.weight", out, rank);
    }

    LoraFiles tensor(String key, long... shape) {
        try (RandomStream random = RandomStream.seeded(key.hashCode())) {
            return tensor(key, random.normal(DataType.FLOAT32, shape).times(0.1));
        }
    }

    LoraFiles tensor(String key, Tensor tensor) {
        tensors.put(key, tensor);
        return this;
    }

    LoraFiles metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    Tensor get(String key) {
        return tensors.get(key);
    }

    Checkpoint checkpoint() {
        try (TensorScope _ = TensorScope.open()) {
            return Checkpoint.of(
                    List.of(SafetensorsFile.of(Path.of("test"), SafetensorsWriter.toBytes(tensors, metadata))), "");
        }
    }

    Lora open(String name) {
        return Lora.of(name, checkpoint());
    }
}
