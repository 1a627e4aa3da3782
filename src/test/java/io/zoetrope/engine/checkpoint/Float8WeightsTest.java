package io.zoetrope.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.layer.Linear;
import io.zoetrope.engine.lora.FusionRule;
import io.zoetrope.engine.lora.Lora;
import io.zoetrope.engine.lora.LoraStrength;
import io.zoetrope.engine.lora.TransformerVariants;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.transformer.TinyTransformer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The tiny model with its large layers in fp8, against the same model with the numbers that fp8 stands for, worked out
/// element by element.
class Float8WeightsTest {

    private static final String BLOCKS = TinyTransformer.PREFIX + ".transformer_blocks.";
    private static final String ONE = BLOCKS + "1.attn1.to_k";
    private static final List<String> LARGE = List.of(
            ".to_q",
            ".to_k",
            ".to_v",
            ".to_out.0",
            ".ff.net.0.proj",
            ".ff.net.2",
            ".audio_ff.net.0.proj",
            ".audio_ff.net.2");
    private static final float ODD_SCALE = 0.0123456789f; // bfloat16 would not hold it

    private TensorScope scope;
    private TensorArena arena;
    private Map<String, Tensor> tensors; // of the tiny model
    private Map<String, String> metadata;

    @BeforeEach
    void read() {
        scope = TensorScope.open();
        arena = new TensorArena();
        Checkpoint tiny = arena.own(TinyTransformer.open());
        metadata = tiny.metadata();
        tensors = new TreeMap<>();
        tiny.entries().keySet().forEach(key -> tensors.put(key, tiny.tensor(key)));
    }

    @AfterEach
    void close() {
        scope.close();
        arena.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void scalesAreMultipliedInOnceInFloat32(DataType type) {
        Checkpoint scaled = scaled(false);
        TinyTransformer found = TinyTransformer.load(scaled, type, WeightStorage.COMPUTE_TYPE, arena);
        assertEquals(List.of(), leftOver(found), "scales are no unexpected tensors");

        LinearWeight weight = found.weights().linears().get("transformer_blocks.1.attn1.to_k");
        assertEquals(type, weight.stored().type());
        float[] expected = unscaled(scaled, ONE);
        assertArrayEquals(
                Tensor.of(expected, expected.length).to(type).toFloatArray(),
                weight.stored().toFloatArray());

        TinyTransformer plain = TinyTransformer.load(
                replaced(
                        Float8WeightsTest::isLarge,
                        (key, _) -> key.endsWith(".weight")
                                ? Tensor.of(
                                        unscaled(scaled, stem(key)),
                                        tensors.get(key).shape())
                                : tensors.get(key)),
                type,
                WeightStorage.COMPUTE_TYPE,
                arena);
        assertArrayEquals(plain.velocities(), found.velocities());
        assertFalse(Arrays.equals(original(type).velocities(), found.velocities()), "fp8 makes no difference");
    }

    @Test
    void keptScaledTheyAreTheSameAndHalfTheMemoryOfBfloat16() {
        Checkpoint scaled = scaled(false);
        TinyTransformer folded = TinyTransformer.load(scaled, DataType.BFLOAT16, WeightStorage.COMPUTE_TYPE, arena);
        TinyTransformer kept = TinyTransformer.load(scaled, DataType.BFLOAT16, WeightStorage.FLOAT8_SCALED, arena);
        assertEquals(List.of(), leftOver(kept));
        assertArrayEquals(folded.velocities(), kept.velocities());
        String layer = "transformer_blocks.1.attn1.to_k";
        LinearWeight weight = kept.weights().linears().get(layer);
        assertInstanceOf(LinearWeight.Scaled.class, weight);
        assertEquals(folded.weights().linears().get(layer).bytes(), 2 * weight.bytes());
    }

    /// Every element of the formula, on one layer.
    @Test
    void inputsAreRoundedToFloat8WhereTheFileHasAScaleForThem() {
        float inputScale = 0.037f;
        float[] weight = {1.5f, -0.25f, 448, 0.0625f, -3, 2};
        float[] bias = {0.1f, -0.2f};
        float[] input = {0.5f, -20, 0.011f, 1, 2, 3};
        Checkpoint file = file(Map.of(
                "layer.weight", Tensor.of(weight, 2, 3).to(DataType.FLOAT8_E4M3),
                "layer.weight_scale", Tensor.scalar(ODD_SCALE),
                "layer.input_scale", Tensor.scalar(inputScale),
                "layer.bias", Tensor.of(bias, 2)));
        Weights weights = Weights.of(file, Device.CPU, DataType.FLOAT32, WeightStorage.FLOAT8_SCALED, arena);
        float[] found = Linear.load(3, 2, weights.under("layer"))
                .forward(Tensor.of(input, 2, 3))
                .toFloatArray();
        weights.finish("layer");
        for (int row = 0; row < 2; row++) {
            for (int out = 0; out < 2; out++) {
                double sum = 0;
                for (int in = 0; in < 3; in++) {
                    float clamped = Math.clamp(input[row * 3 + in] / inputScale, -448, 448);
                    sum += (double) Float8.rounded(clamped) * Float8.rounded(weight[out * 3 + in]);
                }
                double expected = sum * inputScale * ODD_SCALE + bias[out];
                assertEquals(expected, found[row * 2 + out], 1e-5 * Math.abs(expected) + 1e-6);
            }
        }
    }

    @Test
    void aModelWithScalesForInputsRunsCloseToTheFoldedOne() {
        Checkpoint scaled = scaled(true);
        TinyTransformer folded = TinyTransformer.load(scaled, DataType.FLOAT32, WeightStorage.COMPUTE_TYPE, arena);
        TinyTransformer quantised = TinyTransformer.load(scaled, DataType.FLOAT32, WeightStorage.FLOAT8_SCALED, arena);
        assertEquals(List.of(), leftOver(folded));
        assertEquals(List.of(), leftOver(quantised));
        assertNotNull(assertInstanceOf(
                        LinearWeight.Scaled.class, quantised.weights().linears().get("transformer_blocks.1.attn1.to_k"))
                .inputScale());
        double distance = distance(folded.velocities(), quantised.velocities());
        assertTrue(distance > 0 && distance < 0.1, "relative distance " + distance);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void castLayersAreRoundedWithTheirBiasesAndNoOthers(DataType type) {
        Checkpoint file = file(tensors);
        TinyTransformer cast = TinyTransformer.load(file, type, WeightStorage.FLOAT8_CAST, arena);
        TinyTransformer plain = TinyTransformer.load(
                replaced(Float8WeightsTest::isLarge, (_, tensor) -> Tensor.of(rounded(tensor), tensor.shape())),
                type,
                WeightStorage.COMPUTE_TYPE,
                arena);
        assertArrayEquals(plain.velocities(), cast.velocities());
        cast.weights().linears().forEach((layer, weight) -> {
            boolean large = isLarge(TinyTransformer.PREFIX + "." + layer + ".weight");
            assertEquals(large, weight instanceof LinearWeight.Cast, layer);
            assertEquals(large ? DataType.FLOAT8_E4M3 : type, weight.stored().type(), layer);
        });
    }

    @Test
    void whatIsTooLargeForFloat8IsTheGreatestNumberOfIt() {
        String key = "transformer_blocks.0.attn1.to_q.weight";
        Checkpoint file = file(Map.of(key, Tensor.of(new float[] {1e6f, -500, 448, 460}, 2, 2)));
        Weights weights = Weights.of(file, Device.CPU, DataType.FLOAT32, WeightStorage.FLOAT8_CAST, arena);
        LinearWeight weight = weights.under("transformer_blocks.0.attn1.to_q").linear(2, 2);
        assertArrayEquals(
                new float[] {448, -448, 448, 448}, weight.as(DataType.FLOAT32).toFloatArray());
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT8_E4M3", "FLOAT8_E5M2"})
    void float8WithoutAScaleIsWhatItSays(DataType stored) {
        float[] values = {1.5f, -0.25f, 0.0625f, 96};
        Checkpoint file = file(Map.of("layer.weight", Tensor.of(values, 2, 2).to(stored)));
        Weights weights = Weights.of(file, Device.CPU, DataType.BFLOAT16, arena);
        assertArrayEquals(values, weights.tensor("layer.weight", 2, 2).toFloatArray());
        weights.finish("layer");
    }

    @Test
    void castingAFileWithScalesIsRefused() {
        Checkpoint scaled = scaled(false);
        CheckpointException refused = assertThrows(
                CheckpointException.class,
                () -> TinyTransformer.load(scaled, DataType.FLOAT32, WeightStorage.FLOAT8_CAST, arena));
        assertEquals(1, refused.problems().size());
        assertTrue(
                refused.getMessage()
                        .contains("more: scaled fp8 already, expected a file without scales to round to fp8"),
                refused.getMessage());
    }

    @Test
    void scalesMustBeOneUsableNumberEach() {
        Tensor weight = Tensor.ones(DataType.FLOAT32, Device.CPU, 2, 2).to(DataType.FLOAT8_E4M3);
        Checkpoint file = file(Map.of(
                "a.weight", weight,
                "a.weight_scale", Tensor.of(new float[] {1, 2}, 2),
                "b.weight", weight,
                "b.weight_scale", Tensor.scalar(1).to(DataType.BFLOAT16),
                "c.weight", weight,
                "c.weight_scale", Tensor.scalar(Double.NaN),
                "d.weight", weight,
                "d.weight_scale", Tensor.scalar(1),
                "d.input_scale", Tensor.scalar(0)));
        Weights weights = Weights.of(file, Device.CPU, DataType.FLOAT32, arena);
        List.of("a", "b", "c", "d").forEach(layer -> weights.under(layer).linear(2, 2));
        CheckpointException refused = assertThrows(CheckpointException.class, () -> weights.finish("layers"));
        assertEquals(
                List.of(
                        "a.weight_scale is F32 [2], expected one F32 number",
                        "b.weight_scale is BF16 [], expected one F32 number",
                        "c.weight_scale is NaN, expected a number above 0",
                        "d.input_scale is 0.0, expected a number above 0"),
                refused.problems());
    }

    @Test
    void otherFormatsAreRefusedOncePerFormat() {
        Tensor bytes = Tensor.zeros(DataType.UINT8, Device.CPU, 4, 2);
        Map<String, Tensor> file = new TreeMap<>();
        for (String layer : List.of("nvfp4.0", "nvfp4.1", "nvfp4.2")) {
            file.put(layer + ".weight", bytes);
            file.put(
                    layer + ".weight_scale",
                    Tensor.zeros(DataType.FLOAT32, Device.CPU, 4, 1).to(DataType.FLOAT8_E4M3));
            file.put(layer + ".weight_scale_2", Tensor.scalar(1));
        }
        file.put("int8.0.weight", bytes.to(DataType.INT8));
        file.put("broken.0.weight", bytes);
        file.put("broken.0.weight_scale", Tensor.scalar(1));
        Weights weights = Weights.of(file(file), Device.CPU, DataType.FLOAT32, arena);
        for (int index = 0; index < 3; index++) {
            weights.under("nvfp4", index).linear(4, 4);
        }
        weights.under("int8", 0).linear(4, 2);
        weights.under("broken", 0).linear(4, 2);
        CheckpointException refused = assertThrows(CheckpointException.class, () -> weights.finish("layers"));
        assertEquals(
                List.of(
                        "nvfp4.0.weight and 2 more: NVFP4 (4 bits), which the engine does not have",
                        "int8.0.weight: I8, an integer format that the engine does not have",
                        "broken.0.weight: U8 without weight_scale and weight_scale_2, the file is broken"),
                refused.problems());
    }

    /// The forms that LoRAs are fused into stay what they are, and the base is not touched.
    @ParameterizedTest
    @EnumSource(names = {"FLOAT8_CAST", "FLOAT8_SCALED"})
    void lorasAreFusedIntoFloat8(WeightStorage storage) {
        Checkpoint file = storage == WeightStorage.FLOAT8_CAST ? file(tensors) : scaled(false);
        TinyTransformer tiny = TinyTransformer.load(file, DataType.FLOAT32, storage, arena);
        float[] before = tiny.velocities();
        double change = distance(before, with(original(DataType.FLOAT32)));
        float[] changed = with(tiny);
        double found = distance(before, changed);
        assertTrue(found > change / 2 && found < change * 2, "%s instead of %s".formatted(found, change));
        assertArrayEquals(before, tiny.velocities());
    }

    private float[] with(TinyTransformer tiny) {
        try (Lora lora = Lora.open(TinyTransformer.LORA);
                var variants = TransformerVariants.of(tiny.transformer(), tiny.weights(), 0);
                var use = variants.with(List.of(new LoraStrength(lora, 4)), FusionRule.EXACT)) {
            return tiny.velocities(use.transformer());
        }
    }

    private TinyTransformer original(DataType type) {
        return TinyTransformer.load(file(tensors), type, WeightStorage.COMPUTE_TYPE, arena);
    }

    /// The tiny model with large weights divided by a scale so that they fill fp8's range, and one scale that needs all
    /// its bits.
    private Checkpoint scaled(boolean inputScales) {
        Map<String, Tensor> changed = new TreeMap<>(tensors);
        tensors.forEach((key, tensor) -> {
            if (isLarge(key) && key.endsWith(".weight")) {
                Tensor wide = tensor.to(DataType.FLOAT32);
                double scale = stem(key).equals(ONE)
                        ? ODD_SCALE
                        : wide.absolute().maximum(0, 1).item() / 448;
                changed.put(key, LinearWeight.rounded(wide.dividedBy(Tensor.scalar(scale))));
                changed.put(key + "_scale", Tensor.scalar(scale));
                if (inputScales) {
                    changed.put(stem(key) + ".input_scale", Tensor.scalar(0.02));
                }
            }
        });
        return file(changed);
    }

    private Checkpoint replaced(Predicate<String> which, BiFunction<String, Tensor, Tensor> replacement) {
        Map<String, Tensor> changed = new TreeMap<>(tensors);
        tensors.forEach((key, tensor) -> {
            if (which.test(key)) {
                changed.put(key, replacement.apply(key, tensor));
            }
        });
        return file(changed);
    }

    private Checkpoint file(Map<String, Tensor> content) {
        byte[] bytes = SafetensorsWriter.toBytes(content, metadata);
        return arena.own(Checkpoint.of(List.of(SafetensorsFile.of(Path.of("test"), bytes)), ""));
    }

    /// The real weight, element by element.
    private static float[] unscaled(Checkpoint scaled, String layer) {
        long[] bits = scaled.tensor(layer + ".weight").bitsAs(DataType.UINT8).toLongArray();
        float scale = (float) scaled.tensor(layer + ".weight_scale").item();
        float[] values = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
            values[i] = Float8.value((int) bits[i]) * scale;
        }
        return values;
    }

    private static float[] rounded(Tensor tensor) {
        float[] values = tensor.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = Float8.rounded(values[i]);
        }
        return values;
    }

    private static boolean isLarge(String key) {
        return key.startsWith(BLOCKS) && LARGE.stream().anyMatch(stem(key)::endsWith);
    }

    private static String stem(String key) {
        return key.substring(0, key.lastIndexOf('.'));
    }

    private static List<String> leftOver(TinyTransformer tiny) {
        return tiny.weights().leftOver();
    }

    private static double distance(float[] expected, float[] found) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow(expected[i] - found[i], 2);
            norm += Math.pow(expected[i], 2);
        }
        return Math.sqrt(difference / norm);
    }
}
