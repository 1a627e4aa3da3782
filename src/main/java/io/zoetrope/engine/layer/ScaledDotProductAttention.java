package io.zoetrope.engine.layer;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// `softmax(q · kᵀ · scale + mask) · v` by the fastest kernel that is right on the device.
public final class ScaledDotProductAttention {

    private ScaledDotProductAttention() {}

    /// @param query `[B, N, T, d]`
    /// @param key   `[B, M, S, d]`, M dividing N
    /// @param value `[B, M, S, d]`
    /// @param mask  boolean or additive, broadcastable to `[B, N, T, S]`; null for none
    /// @return `[B, N, T, d]`
    public static Tensor attend(Tensor query, Tensor key, Tensor value, Tensor mask, double scale) {
        DataType type = query.type();
        if (type == DataType.FLOAT32 || !query.device().isCpu()) {
            return Tensor.attention(query, key, value, mask, scale);
        }
        // LibTorch's CPU kernel is twenty times slower in bfloat16 without MKL; float32 keeps the memory linear.
        Tensor wideMask = mask == null || !mask.type().isFloatingPoint() ? mask : mask.to(DataType.FLOAT32);
        return Tensor.attention(
                        query.to(DataType.FLOAT32),
                        key.to(DataType.FLOAT32),
                        value.to(DataType.FLOAT32),
                        wideMask,
                        scale)
                .to(type);
    }
}
