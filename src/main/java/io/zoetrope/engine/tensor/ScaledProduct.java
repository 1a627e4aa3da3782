package io.zoetrope.engine.tensor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.IValue;

/// Products of fp8 matrices by the kernel that CUDA devices have for them from compute capability 8.9 on:
/// products and sums in float32, scales and bias applied before the result is rounded, nothing expanded in
/// between.
public final class ScaledProduct {

    /// Compute capability 8.9, Ada; Hopper is 9.0.
    private static final int FIRST_CAPABILITY = 89;

    /// What the kernel's lengths must be multiples of.
    private static final int GRAIN = 16;

    private static final Shortcut KERNEL = new Shortcut("products of fp8", "weights are expanded");

    private static final Map<Device, Integer> CAPABILITIES = new ConcurrentHashMap<>();

    /// Looked up when it is first needed, once.
    private static final class Kernel {
        static final Operator SCALED_MM = Operator.named("aten::_scaled_mm");
    }

    private ScaledProduct() {}

    /// Whether products with a weight go there.
    ///
    /// @param weight fp8 `[out, in]`
    public static boolean takes(Tensor weight) {
        Device device = weight.device();
        return KERNEL.isOpen()
                && !device.isCpu()
                && weight.size(0) % GRAIN == 0
                && weight.size(1) % GRAIN == 0
                && weight.type() == DataType.FLOAT8_E4M3
                && CAPABILITIES.computeIfAbsent(device, Device::capability) >= FIRST_CAPABILITY;
    }

    /// `(rows · weightᵀ) · rowScale · weightScale + bias`.
    ///
    /// @param rows        E4M3, `[…, in]`
    /// @param weight      E4M3, `[out, in]`, contiguous
    /// @param rowScale    float32 `[]`
    /// @param weightScale float32 `[]`
    /// @param bias        `[out]`, or null
    /// @param type        of the result: bfloat16, float16 or float32
    /// @return `[…, out]`; null if it turned out that the device cannot, after which [#takes] nothing any
    ///         more
    public static Tensor of(
            Tensor rows, Tensor weight, Tensor rowScale, Tensor weightScale, Tensor bias, DataType type) {
        return KERNEL.orElse(() -> product(rows, weight, rowScale, weightScale, bias, type), () -> null);
    }

    static Tensor product(Tensor rows, Tensor weight, Tensor rowScale, Tensor weightScale, Tensor bias, DataType type) {
        try (TensorScope scope = TensorScope.open()) {
            long[] shape = rows.shape();
            long in = shape[shape.length - 1];
            shape[shape.length - 1] = weight.size(0);
            boolean biasInside = bias != null && type != DataType.FLOAT32; // the kernel has none in float32
            Tensor product = new Tensor(new org.bytedeco.pytorch.Tensor(Kernel.SCALED_MM
                    .call(
                            new IValue(rows.reshape(-1, in).handle()),
                            new IValue(weight.transpose(0, 1).handle()),
                            new IValue(rowScale.handle()),
                            new IValue(weightScale.handle()),
                            Operator.optional(biasInside ? bias.to(type) : null),
                            new IValue(),
                            new IValue((long) type.scalarType().value),
                            new IValue(false)) // sums in full precision
                    .toTensor()));
            Tensor result = bias == null || biasInside ? product : product.plus(bias.to(type));
            return scope.keep(result.view(shape));
        }
    }
}
