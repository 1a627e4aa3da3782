package io.zoetrope.worker;

import io.quarkus.runtime.Startup;
import io.zoetrope.audit.Stage;
import io.zoetrope.capacity.Capacity;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.Ltx2;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.transformer.StreamedTransformer;
import io.zoetrope.plan.CheckpointDescription;
import io.zoetrope.plan.ComputeDevice;
import io.zoetrope.plan.EngineSettings;
import io.zoetrope.plan.ModelDefaults;
import io.zoetrope.plan.ModelDescription;
import io.zoetrope.plan.OfferedModel;
import io.zoetrope.plan.Planner;
import io.zoetrope.plan.Precision;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// The models that this worker serves, loaded at its start. A model that cannot be loaded ends the start with
/// the file and the reason.
@Singleton
@Startup
class ModelLibrary {

    private static final Logger LOG = Logger.getLogger(ModelLibrary.class);

    private final Map<String, ServedModel> models = new LinkedHashMap<>();
    private final Planner planner;

    ModelLibrary(WorkerConfig config, Device device, Capacity capacity) {
        Precision precision = precision(config.engine().precision(), device);
        WeightStorage storage = storage(config.engine().weights());
        boolean streamed = config.engine().streamedBlocks();
        Set<Ltx2.Part> parts =
                config.worker().stages().stream().map(ModelLibrary::part).collect(Collectors.toSet());
        List<String> names = new ArrayList<>(List.of(config.models().byDefault()));
        config.models()
                .load()
                .ifPresent(more ->
                        more.stream().filter(name -> !names.contains(name)).forEach(names::add));
        for (String name : names) {
            long textCache = config.engine().textCache().asLongValue();
            Path modelFolder = config.models().folder().resolve(name);
            models.put(name, load(name, modelFolder, device, precision, storage, streamed, parts, textCache));
        }
        planner = new Planner(
                models.values().stream().map(ServedModel::offered).toList(),
                new ComputeDevice(
                        device.toString(),
                        precision,
                        capacity.totalBytes(),
                        config.engine().passesAtOnce()));
    }

    Planner planner() {
        return planner;
    }

    /// The model that a plan names.
    ServedModel get(String name) {
        ServedModel model = models.get(name);
        if (model == null) {
            throw new IllegalArgumentException(
                    "model '%s' is not served here, expected one of %s".formatted(name, models.keySet()));
        }
        return model;
    }

    Collection<ServedModel> all() {
        return models.values();
    }

    @PreDestroy
    void close() {
        models.values().forEach(ServedModel::close);
    }

    private static ServedModel load(
            String name,
            Path folder,
            Device device,
            Precision precision,
            WeightStorage storage,
            boolean streamed,
            Set<Ltx2.Part> parts,
            long textCache) {
        long start = System.nanoTime();
        DataType type = EngineSettings.type(precision);
        ModelFiles files = ModelFiles.of(folder);
        Ltx2 engine = Ltx2.load(
                files, device, type, Denoiser.WeightOptions.of(type, storage).streamed(streamed), parts);
        ModelDescription description = CheckpointDescription.read(
                name, files, type, streamed && !device.isCpu() ? StreamedTransformer.SLOTS : Integer.MAX_VALUE);
        try {
            ModelDefaults defaults = ModelDefaults.of(folder, description.version());
            LOG.infof(
                    "model %s loaded on %s in %s: version '%s', digest %s, %.1f s",
                    name,
                    device.description(),
                    precision.label(),
                    description.version(),
                    description.digest(),
                    (System.nanoTime() - start) / 1e9);
            return ServedModel.of(
                    new OfferedModel(
                            description,
                            defaults,
                            prompt -> engine.textEncoder().count(prompt) - 1),
                    engine,
                    parts.contains(Ltx2.Part.TEXT_ENCODER),
                    textCache);
        } catch (IOException e) {
            engine.close();
            throw new CheckpointException(folder.toString(), "cannot be read: " + e.getMessage(), e);
        }
    }

    private static Ltx2.Part part(Stage stage) {
        return switch (stage) {
            case TEXT_ENCODE -> Ltx2.Part.TEXT_ENCODER;
            case DENOISE -> Ltx2.Part.DENOISER;
            case DECODE -> Ltx2.Part.DECODER;
        };
    }

    private static WeightStorage storage(String name) {
        try {
            return WeightStorage.named(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("zoetrope.engine.weights: " + e.getMessage(), e);
        }
    }

    private static Precision precision(String name, Device device) {
        if (name.equals("auto")) {
            return device.isCpu() ? Precision.FLOAT32 : Precision.BFLOAT16;
        }
        return Precision.named(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "zoetrope.engine.precision is '%s', expected float32, bfloat16 or auto".formatted(name)));
    }
}
