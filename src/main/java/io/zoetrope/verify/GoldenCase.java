package io.zoetrope.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Ground truth for one part of the model: a safetensors file with `weight.*`, `input.*`, `output.*` and
/// `trace.*` tensors, whose header names the component, its configuration, the call's parameters and the
/// tolerances.
public final class GoldenCase implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final SafetensorsFile file;
    private final Checkpoint weights;
    private final Device device;

    private GoldenCase(SafetensorsFile file, Device device) {
        this.file = file;
        this.weights = Checkpoint.of(List.of(file), "weight.");
        this.device = device;
    }

    /// @param device where inputs and weights are placed
    /// @throws CheckpointException if the file is missing, damaged or no golden case
    public static GoldenCase open(Path path, Device device) {
        SafetensorsFile file = SafetensorsFile.open(path);
        if (!file.metadata().containsKey("component") || !file.metadata().containsKey("atol")) {
            file.close();
            throw new CheckpointException(path.toString(), "is not a golden case: its header has no component or atol");
        }
        return new GoldenCase(file, device);
    }

    public Path path() {
        return file.path();
    }

    public String component() {
        return file.metadata().get("component");
    }

    /// The file's name without its ending.
    public String name() {
        return file.path().getFileName().toString().replace(".safetensors", "");
    }

    public CaseHeader header() {
        return new CaseHeader(
                component(),
                name(),
                file.metadata().getOrDefault("description", ""),
                absoluteTolerance(),
                relativeTolerance());
    }

    public Device device() {
        return device;
    }

    /// The configuration, laid out as in a checkpoint; empty if the case has none.
    public JsonNode config() {
        return json("config");
    }

    /// Call-time values.
    public JsonNode params() {
        return json("params");
    }

    public double absoluteTolerance() {
        return Double.parseDouble(file.metadata().get("atol"));
    }

    public double relativeTolerance() {
        return Double.parseDouble(file.metadata().get("rtol"));
    }

    /// The weights under their official names. Compute in the type they are stored in, unless the case says
    /// otherwise.
    public Weights weights(DataType type, TensorArena arena) {
        return Weights.of(weights, device, type, arena);
    }

    /// The official names of the weights.
    public Set<String> weightNames() {
        return weights.entries().keySet();
    }

    /// The inputs whose names begin with `prefix`, without it, as a file of their own; valid while this case is open.
    public Checkpoint inputs(String prefix) {
        return Checkpoint.of(List.of(file), "input." + prefix);
    }

    public boolean hasInput(String name) {
        return file.entries().containsKey("input." + name);
    }

    public Tensor input(String name) {
        return file.tensor("input." + name).to(device);
    }

    /// An input, or null if the case does not have it.
    public Tensor optionalInput(String name) {
        return hasInput(name) ? input(name) : null;
    }

    /// All expected tensors by name, on the CPU.
    public SortedMap<String, Tensor> outputs() {
        return tensors("output.");
    }

    /// The floating-point type of the outputs: what the case was computed in.
    public DataType outputType() {
        return file.entries().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("output."))
                .map(entry -> entry.getValue().type())
                .filter(DataType::isFloatingPoint)
                .findFirst()
                .orElse(DataType.FLOAT32);
    }

    /// All intermediate tensors by name, on the CPU; never judged.
    public SortedMap<String, Tensor> traces() {
        return tensors("trace.");
    }

    @Override
    public void close() {
        file.close();
    }

    private SortedMap<String, Tensor> tensors(String prefix) {
        SortedMap<String, Tensor> tensors = new TreeMap<>();
        file.entries().keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .forEach(name -> tensors.put(name.substring(prefix.length()), file.tensor(name)));
        return tensors;
    }

    private JsonNode json(String key) {
        try {
            return JSON.readTree(file.metadata().getOrDefault(key, "{}"));
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file.path().toString(), key + " is not JSON", e);
        }
    }
}
