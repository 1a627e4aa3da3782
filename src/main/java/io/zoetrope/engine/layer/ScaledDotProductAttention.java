package io.zoetrope.engine.layer;

import io.zoetrope.engine.tensor.AttentionKernel;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;

/// `softmax(q · kᵀ · scale + mask) · v` by the fastest kernel that is right on the device.
///
/// | device | type | kernel |
/// | --- | --- | --- |
/// | CPU | float32 | flash |
/// | CPU | narrower | flash in float32 around it: without MKL the CPU's kernel is twenty times slower in bfloat16 |
/// | CUDA | any | what LibTorch takes, see [io.zoetrope.engine.tensor.AttentionPreference] |
public final class ScaledDotProductAttention {

    private ScaledDotProductAttention() {}

    /// @param query `[B, N, T, d]`
    /// @param key   `[B, M, S, d]`, M dividing N
    /// @param value `[B, M, S, d]`
    /// @param mask  boolean or additive, broadcastable to `[B, N, T, S]`; null for none
    /// @return `[B, N, T, d]`
    public static Tensor attend(Tensor query, Tensor key, Tensor value, Tensor mask, double scale) {
        DataType type = query.type();
        Device device = query.device();
        if (device.isCpu() && type != DataType.FLOAT32) {
            return widened(query, key, value, mask, scale).to(type);
        }
        AttentionKernel.chosen(device, type, query, key, value, mask, scale).count();
        return Tensor.attention(query, key, value, mask, scale);
    }

    /// In float32, which keeps the memory linear.
    private static Tensor widened(Tensor query, Tensor key, Tensor value, Tensor mask, double scale) {
        Tensor wideQuery = query.to(DataType.FLOAT32);
        Tensor wideKey = key.to(DataType.FLOAT32);
        Tensor wideValue = value.to(DataType.FLOAT32);
        Tensor wideMask = mask == null || !mask.type().isFloatingPoint() ? mask : mask.to(DataType.FLOAT32);
        AttentionKernel kernel =
                AttentionKernel.chosen(Device.CPU, DataType.FLOAT32, wideQuery, wideKey, wideValue, wideMask, scale);
        (kernel == AttentionKernel.FLASH ? AttentionKernel.FLASH_WIDENED : kernel).count();
        return Tensor.attention(wideQuery, wideKey, wideValue, wideMask, scale);
    }
}
