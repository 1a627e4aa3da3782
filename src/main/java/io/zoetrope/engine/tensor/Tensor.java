package io.zoetrope.engine.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// An array of numbers of one [DataType] on one [Device].
///
/// A handle on native memory that belongs to the scope in which it was made ([TensorScope]). Operations return
/// new tensors or views; only those named `...InPlace` change their receiver, and they must never be used on
/// weights, whose memory is mapped read-only. Axes may be counted from the end with negative numbers.
public final class Tensor implements AutoCloseable {

    /// Stands for any length in [#requireShape(String, long...)].
    public static final long ANY = -1;

    /// Elements from which on a product is worth sharing; below, convolutions do not go to the shared kernel either.
    private static final long SMALLEST_SHARED = 20_481;

    private static final LongAdder OPERATIONS = new LongAdder();

    private final org.bytedeco.pytorch.Tensor handle;

    Tensor(org.bytedeco.pytorch.Tensor handle) {
        OPERATIONS.increment();
        this.handle = handle;
    }

    /// How many operations have given a tensor in this process, views included: each is a call of the native library,
    /// which costs one to three microseconds however small the tensor is.
    public static long operations() {
        return OPERATIONS.sum();
    }

    org.bytedeco.pytorch.Tensor handle() {
        return handle;
    }

    // ------------------------------------------------------------------------------------------------------- making

    public static Tensor zeros(DataType type, Device device, long... shape) {
        return new Tensor(torch.zeros(shape, options(type, device)));
    }

    public static Tensor ones(DataType type, Device device, long... shape) {
        return new Tensor(torch.ones(shape, options(type, device)));
    }

    public static Tensor full(double value, DataType type, Device device, long... shape) {
        return new Tensor(torch.full(shape, new Scalar(value), options(type, device)));
    }

    /// Uninitialised memory.
    public static Tensor empty(DataType type, Device device, long... shape) {
        return new Tensor(torch.empty(shape, options(type, device), null));
    }

    /// 0, 1, …, count - 1 on the CPU.
    public static Tensor range(long count, DataType type) {
        return new Tensor(torch.arange(new Scalar(count), options(type, Device.CPU)));
    }

    /// `count` evenly spaced numbers from `start` to `end`, both included, computed in `type` on the CPU.
    public static Tensor linspace(double start, double end, long count, DataType type) {
        return new Tensor(torch.linspace(new Scalar(start), new Scalar(end), count, options(type, Device.CPU)));
    }

    /// A float32 copy of `values` on the CPU.
    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = empty(DataType.FLOAT32, Device.CPU, shape);
        requireCount(values.length, tensor);
        new FloatPointer(tensor.handle.data_ptr()).put(values);
        return tensor;
    }

    /// A float64 copy of `values` on the CPU.
    public static Tensor of(double[] values, long... shape) {
        Tensor tensor = empty(DataType.FLOAT64, Device.CPU, shape);
        requireCount(values.length, tensor);
        new DoublePointer(tensor.handle.data_ptr()).put(values);
        return tensor;
    }

    /// An int64 copy of `values` on the CPU.
    public static Tensor of(long[] values, long... shape) {
        Tensor tensor = empty(DataType.INT64, Device.CPU, shape);
        requireCount(values.length, tensor);
        new LongPointer(tensor.handle.data_ptr()).put(values);
        return tensor;
    }

    /// A float32 scalar (shape `[]`) on the CPU.
    public static Tensor scalar(double value) {
        return full(value, DataType.FLOAT32, Device.CPU);
    }

    /// A view of native memory, without a copy. The caller keeps `memory` alive for as long as the tensor and its
    /// views.
    public static Tensor view(MemorySegment memory, DataType type, long... shape) {
        long bytes = count(shape) * type.bytes();
        if (!memory.isNative() || memory.byteSize() < bytes) {
            throw new IllegalArgumentException("memory of %d bytes, expected %d native bytes for %s %s"
                    .formatted(memory.byteSize(), bytes, type, describe(shape)));
        }
        return new Tensor(torch.from_blob(new Address(memory.address()), shape, new TensorOptions(type.scalarType())));
    }

    public static Tensor concatenate(int axis, Tensor... parts) {
        return new Tensor(torch.cat(vector(parts), axis));
    }

    public static Tensor stack(int axis, Tensor... parts) {
        return new Tensor(torch.stack(vector(parts), axis));
    }

    // ---------------------------------------------------------------------------------------------------- describing

    public long[] shape() {
        return handle.shape();
    }

    public long size(int axis) {
        return handle.size(axis);
    }

    /// Number of axes.
    public int rank() {
        return (int) handle.dim();
    }

    /// Number of elements.
    public long count() {
        return handle.numel();
    }

    /// Bytes of the elements.
    public long bytes() {
        return handle.numel() * type().bytes();
    }

    public DataType type() {
        return DataType.of(handle.scalar_type());
    }

    public Device device() {
        org.bytedeco.pytorch.Device device = handle.device();
        return device.is_cuda() ? new Device(Device.Kind.CUDA, Math.max(0, device.index())) : Device.CPU;
    }

    /// Checks the shape at a module's door.
    ///
    /// @throws IllegalArgumentException naming the tensor, its shape and the expected one
    public Tensor requireShape(String name, long... expected) {
        long[] found = shape();
        boolean fits = found.length == expected.length;
        for (int axis = 0; fits && axis < found.length; axis++) {
            fits = expected[axis] == ANY || expected[axis] == found[axis];
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "%s %s, expected %s".formatted(name, describe(found), describe(expected)));
        }
        return this;
    }

    // ------------------------------------------------------------------------------------------------------ reading

    /// The only element.
    public double item() {
        return handle.item_double();
    }

    /// All elements in row-major order, converted to float32.
    public float[] toFloatArray() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor flat = onCpu().to(DataType.FLOAT32).contiguous();
            float[] values = new float[Math.toIntExact(flat.count())];
            new FloatPointer(flat.handle.data_ptr()).get(values);
            return values;
        }
    }

    /// All elements in row-major order, converted to float64.
    public double[] toDoubleArray() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor flat = onCpu().to(DataType.FLOAT64).contiguous();
            double[] values = new double[Math.toIntExact(flat.count())];
            new DoublePointer(flat.handle.data_ptr()).get(values);
            return values;
        }
    }

    /// All elements in row-major order, converted to int64.
    public long[] toLongArray() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor flat = onCpu().to(DataType.INT64).contiguous();
            long[] values = new long[Math.toIntExact(flat.count())];
            new LongPointer(flat.handle.data_ptr()).get(values);
            return values;
        }
    }

    /// The elements' memory; valid only as long as this tensor lives.
    ///
    /// @throws IllegalStateException unless the tensor is contiguous and on the CPU
    public MemorySegment memory() {
        if (!device().isCpu() || !handle.is_contiguous()) {
            throw new IllegalStateException("memory of a tensor that is not contiguous on the CPU");
        }
        return bytes() == 0
                ? MemorySegment.NULL // a tensor without elements has no memory
                : MemorySegment.ofAddress(handle.data_ptr().address()).reinterpret(bytes());
    }

    /// Whether the first element is that of `memory`; never on another device than the CPU.
    public boolean beginsAt(MemorySegment memory) {
        return device().isCpu() && handle.data_ptr().address() == memory.address();
    }

    /// Whether no element is NaN or infinite.
    public boolean isFinite() {
        try (TensorScope _ = TensorScope.open()) {
            return handle.isfinite().all().item_bool();
        }
    }

    // --------------------------------------------------------------------------------------------------- converting

    /// This tensor as `type`; a view of the same memory if it has that type already.
    public Tensor to(DataType type) {
        return new Tensor(handle.to(type.scalarType()));
    }

    /// The same memory, its bits read as another type of the same width; a view.
    public Tensor bitsAs(DataType type) {
        return new Tensor(handle.view(type.scalarType()));
    }

    public Tensor to(Device device) {
        return new Tensor(handle.to(device.handle(), handle.scalar_type()));
    }

    public Tensor to(Device device, DataType type) {
        return new Tensor(handle.to(device.handle(), type.scalarType()));
    }

    /// The type and device of `other`.
    public Tensor like(Tensor other) {
        return to(other.device(), other.type());
    }

    public Tensor contiguous() {
        return new Tensor(handle.contiguous());
    }

    /// A copy with memory of its own.
    public Tensor copy() {
        return new Tensor(handle.clone());
    }

    /// Writes `source`, of a broadcastable shape, over this tensor's elements.
    public Tensor copyInPlace(Tensor source) {
        handle.copy_(source.handle);
        return this;
    }

    // ------------------------------------------------------------------------------------------------------- shaping

    /// The same memory under another shape; -1 stands for the length that fits.
    public Tensor view(long... shape) {
        return new Tensor(handle.view(shape));
    }

    /// Another shape; copies if the memory's order does not allow a view.
    public Tensor reshape(long... shape) {
        return new Tensor(handle.reshape(shape));
    }

    public Tensor permute(long... axes) {
        return new Tensor(handle.permute(axes));
    }

    public Tensor transpose(int first, int second) {
        return new Tensor(handle.transpose(first, second));
    }

    /// Elements `start` … `start + length - 1` of an axis; a view.
    public Tensor narrow(int axis, long start, long length) {
        return new Tensor(handle.narrow(axis, start, length));
    }

    /// Every stretch of `size` elements of an axis, `step` apart, which become a new last axis; a view.
    public Tensor windows(int axis, long size, long step) {
        return new Tensor(handle.unfold(axis, size, step));
    }

    /// Every `step`-th element of `start` … `end - 1` of an axis; a view.
    public Tensor slice(int axis, long start, long end, long step) {
        return new Tensor(handle.slice(axis, new LongOptional(start), new LongOptional(end), step));
    }

    /// Element `index` of an axis, which disappears; a view.
    public Tensor select(int axis, long index) {
        return new Tensor(handle.select(axis, index));
    }

    public Tensor unsqueeze(int axis) {
        return new Tensor(handle.unsqueeze(axis));
    }

    public Tensor squeeze(int axis) {
        return new Tensor(handle.squeeze(axis));
    }

    /// Repeats axes of length 1 without a copy; -1 leaves an axis as it is.
    public Tensor expand(long... shape) {
        return new Tensor(handle.expand(shape));
    }

    /// Repeats the whole tensor along each axis, copying.
    public Tensor repeat(long... times) {
        return new Tensor(handle.repeat(times));
    }

    /// Repeats each element of an axis `times` times in a row, copying.
    public Tensor repeatEach(int axis, long times) {
        return new Tensor(handle.repeat_interleave(times, new LongOptional(axis), new LongOptional()));
    }

    public Tensor flip(long... axes) {
        return new Tensor(handle.flip(axes));
    }

    /// The heads of attention: `[B, T, N · d]` to `[B, N, T, d]`, a view.
    public Tensor parted(int heads) {
        long[] shape = shape();
        long width = shape[2] / heads;
        return handle.is_contiguous()
                ? new Tensor(handle.as_strided(
                        new long[] {shape[0], heads, shape[1], width},
                        new long[] {shape[1] * shape[2], width, shape[2], 1}))
                : view(shape[0], shape[1], heads, width).transpose(1, 2);
    }

    /// Splits an axis into `parts` equal views.
    public Tensor[] split(int axis, int parts) {
        long length = size(axis) / parts;
        if (length * parts != size(axis)) {
            throw new IllegalArgumentException("axis %d of %s in %d parts".formatted(axis, describe(shape()), parts));
        }
        Tensor[] views = new Tensor[parts];
        for (int part = 0; part < parts; part++) {
            views[part] = narrow(axis, part * length, length);
        }
        return views;
    }

    /// The rows of `axis` that the int64 vector `indices` names, in its order.
    public Tensor indexSelect(int axis, Tensor indices) {
        return new Tensor(handle.index_select(axis, indices.handle));
    }

    /// Pads the last axes; `amounts` is (before, after) of the last axis first, then of the one before it, and so
    /// on.
    ///
    /// @param mode `constant` (zeros), `reflect` (border not repeated), `replicate` or `circular`
    public Tensor pad(String mode, long... amounts) {
        return new Tensor(torch.pad(handle, amounts, mode, Optionals.NO_NUMBER));
    }

    // ---------------------------------------------------------------------------------------------------- arithmetic

    public Tensor plus(Tensor other) {
        return new Tensor(handle.add(other.handle));
    }

    public Tensor plus(double value) {
        return new Tensor(handle.add(new Scalar(value)));
    }

    public Tensor minus(Tensor other) {
        return new Tensor(handle.sub(other.handle));
    }

    public Tensor minus(double value) {
        return new Tensor(handle.sub(new Scalar(value)));
    }

    public Tensor times(Tensor other) {
        return new Tensor(handle.mul(other.handle));
    }

    public Tensor times(double value) {
        return new Tensor(handle.mul(new Scalar(value)));
    }

    public Tensor dividedBy(Tensor other) {
        return new Tensor(handle.div(other.handle));
    }

    public Tensor dividedBy(double value) {
        return new Tensor(handle.div(new Scalar(value)));
    }

    /// `this + first * second`, rounded once where the device can.
    public Tensor plusProduct(Tensor first, Tensor second) {
        return new Tensor(handle.addcmul(first.handle, second.handle));
    }

    /// Adds `factor * first * second`.
    public Tensor plusProductInPlace(Tensor first, Tensor second, double factor) {
        handle.addcmul_(first.handle, second.handle, new Scalar(factor));
        return this;
    }

    public Tensor plusInPlace(Tensor other) {
        handle.add_(other.handle);
        return this;
    }

    public Tensor minusInPlace(Tensor other) {
        handle.sub_(other.handle);
        return this;
    }

    public Tensor timesInPlace(Tensor other) {
        handle.mul_(other.handle);
        return this;
    }

    public Tensor dividedInPlaceBy(Tensor other) {
        handle.div_(other.handle);
        return this;
    }

    public Tensor timesInPlace(double value) {
        handle.mul_(new Scalar(value));
        return this;
    }

    /// Matrix product of the last two axes.
    public Tensor matmul(Tensor other) {
        return new Tensor(torch.matmul(handle, other.handle));
    }

    /// `this + factor * first @ second`, all `[rows, columns]`, rounded once.
    public Tensor plusMatmul(Tensor first, Tensor second, double factor) {
        return new Tensor(handle.addmm(first.handle, second.handle, new Scalar(1), new Scalar(factor)));
    }

    public Tensor negative() {
        return new Tensor(handle.neg());
    }

    public Tensor absolute() {
        return new Tensor(handle.abs());
    }

    public Tensor square() {
        return new Tensor(handle.square());
    }

    public Tensor sqrt() {
        return new Tensor(handle.sqrt());
    }

    /// One over the square root.
    public Tensor rsqrt() {
        return new Tensor(handle.rsqrt());
    }

    public Tensor reciprocal() {
        return new Tensor(handle.reciprocal());
    }

    public Tensor exp() {
        return new Tensor(handle.exp());
    }

    /// Natural logarithm.
    public Tensor log() {
        return new Tensor(handle.log());
    }

    public Tensor sin() {
        return new Tensor(handle.sin());
    }

    public Tensor cos() {
        return new Tensor(handle.cos());
    }

    public Tensor tanh() {
        return new Tensor(handle.tanh());
    }

    public Tensor sigmoid() {
        return new Tensor(handle.sigmoid());
    }

    public Tensor power(double exponent) {
        return new Tensor(handle.pow(new Scalar(exponent)));
    }

    /// `base` to the power of each element.
    public static Tensor power(double base, Tensor exponents) {
        return new Tensor(torch.pow(new Scalar(base), exponents.handle));
    }

    /// Nearest integer, halves to even.
    public Tensor round() {
        return new Tensor(handle.round());
    }

    public Tensor floor() {
        return new Tensor(handle.floor());
    }

    public Tensor clamp(double lowest, double highest) {
        return new Tensor(
                handle.clamp(new ScalarOptional(new Scalar(lowest)), new ScalarOptional(new Scalar(highest))));
    }

    public Tensor atLeast(double lowest) {
        return new Tensor(handle.clamp_min(new Scalar(lowest)));
    }

    // ---------------------------------------------------------------------------------------------------- comparing

    public Tensor equalTo(double value) {
        return new Tensor(handle.eq(new Scalar(value)));
    }

    public Tensor greaterThan(double value) {
        return new Tensor(handle.gt(new Scalar(value)));
    }

    public Tensor greaterThan(Tensor other) {
        return new Tensor(handle.gt(other.handle));
    }

    public Tensor atMost(Tensor other) {
        return new Tensor(handle.le(other.handle));
    }

    public Tensor and(Tensor other) {
        return new Tensor(handle.logical_and(other.handle));
    }

    public Tensor or(Tensor other) {
        return new Tensor(handle.logical_or(other.handle));
    }

    public Tensor not() {
        return new Tensor(handle.logical_not());
    }

    /// Whether any element of a boolean tensor is true.
    public boolean any() {
        return handle.any().item_bool();
    }

    /// Elements of `this` where the boolean `condition` holds, of `other` elsewhere.
    public Tensor where(Tensor condition, Tensor other) {
        return new Tensor(torch.where(condition.handle, handle, other.handle));
    }

    /// This tensor with `value` wherever the boolean `mask` holds.
    public Tensor fillWhere(Tensor mask, double value) {
        return new Tensor(handle.masked_fill(mask.handle, new Scalar(value)));
    }

    // ----------------------------------------------------------------------------------------------------- reducing

    /// Mean over `axes`, which stay with length 1.
    public Tensor mean(long... axes) {
        return new Tensor(handle.mean(axes, true, new ScalarTypeOptional()));
    }

    /// Sum over `axes`, which stay with length 1.
    public Tensor sum(long... axes) {
        return new Tensor(handle.sum(axes, true, new ScalarTypeOptional()));
    }

    /// Sum over all elements, shape `[]`.
    public Tensor sumAll() {
        return new Tensor(handle.sum());
    }

    /// Unbiased standard deviation over all elements, shape `[]`.
    public Tensor standardDeviation() {
        return new Tensor(handle.std(true));
    }

    /// Unbiased standard deviation over `axes`, which stay with length 1.
    public Tensor standardDeviation(long... axes) {
        return new Tensor(torch.std(handle, axes, true, true));
    }

    /// Greatest element over `axes`, which stay with length 1.
    public Tensor maximum(long... axes) {
        return new Tensor(handle.amax(axes, true));
    }

    /// Smallest element over `axes`, which stay with length 1.
    public Tensor minimum(long... axes) {
        return new Tensor(handle.amin(axes, true));
    }

    // ------------------------------------------------------------------------------------------- parts of a network

    /// `this · weightᵀ + bias`.
    ///
    /// @param weight `[out, in]`
    /// @param bias   `[out]`, or null
    public Tensor linear(Tensor weight, Tensor bias) {
        return isSharedProduct() && weight.handle.is_contiguous()
                ? sharedLinear(weight, bias)
                : new Tensor(torch.linear(handle, weight.handle, optional(bias)));
    }

    /// Whether the threads of this process should share this product, and the BLAS library, which is held at one
    /// ([Device#useThreads]), would not let them: float32 on the CPU, and not too few rows.
    private boolean isSharedProduct() {
        return Device.threads() > 1
                && handle.numel() >= SMALLEST_SHARED
                && type() == DataType.FLOAT32
                && device().isCpu();
    }

    /// The same as a convolution of one pixel, whose channels stand together in memory: no copy of this tensor, and a
    /// kernel that LibTorch's threads share.
    private Tensor sharedLinear(Tensor weight, Tensor bias) {
        long in = weight.size(1);
        long out = weight.size(0);
        long rows = count() / in;
        long[] shape = shape();
        shape[shape.length - 1] = out;
        try (TensorScope scope = TensorScope.open()) {
            Tensor product = pixels(rows, in).convolve2d(weight.view(out, in, 1, 1), bias, 1, 1); // [1, out, rows, 1]
            return scope.keep(product.permute(0, 2, 3, 1).reshape(shape));
        }
    }

    /// `[…, in]` as a picture of one column whose channels stand together in memory, `[1, in, rows, 1]`.
    private Tensor pixels(long rows, long in) {
        return handle.is_contiguous()
                ? new Tensor(handle.as_strided(new long[] {1, in, rows, 1}, new long[] {rows * in, 1, in, in}))
                : reshape(1, rows, 1, in).permute(0, 3, 1, 2);
    }

    /// The same `[B, C, T]` with the channels of a position beside each other in memory.
    public Tensor channelsLast() {
        return transpose(1, 2).contiguous().transpose(1, 2);
    }

    /// [#convolve1d] of what [#channelsLast] gave; so is the result.
    public Tensor convolveChannelsLast(Tensor weight, Tensor bias, long stride, long padding, long dilation) {
        return new Tensor(torch.conv2d(
                        unsqueeze(2).handle,
                        weight.unsqueeze(2).handle,
                        optional(bias),
                        new long[] {1, stride},
                        new long[] {0, padding},
                        new long[] {1, dilation},
                        1))
                .squeeze(2);
    }

    /// One-dimensional convolution (correlation) of `[B, C, T]` without padding.
    ///
    /// @param weight `[out, in, kernel]`
    /// @param bias   `[out]`, or null
    public Tensor convolve1d(Tensor weight, Tensor bias, long stride, long padding, long dilation) {
        return new Tensor(torch.conv1d(
                handle,
                weight.handle,
                optional(bias),
                new long[] {stride},
                new long[] {padding},
                new long[] {dilation},
                1));
    }

    /// Transposed one-dimensional convolution of `[B, C, T]`.
    ///
    /// @param weight `[in, out / groups, kernel]`
    /// @param bias   `[out]`, or null
    public Tensor convolveTransposed1d(Tensor weight, Tensor bias, long stride, long padding, long groups) {
        return new Tensor(torch.conv_transpose1d(
                handle,
                weight.handle,
                optional(bias),
                new long[] {stride},
                new long[] {padding},
                new long[] {0},
                groups,
                new long[] {1}));
    }

    /// Two-dimensional convolution of `[B, C, H, W]` without padding.
    ///
    /// @param weight `[out, in, kernel, kernel]`
    /// @param bias   `[out]`, or null
    public Tensor convolve2d(Tensor weight, Tensor bias, long... stride) {
        return new Tensor(
                torch.conv2d(handle, weight.handle, optional(bias), stride, new long[] {0, 0}, new long[] {1, 1}, 1));
    }

    /// Channels become positions: `[B, C · f², H, W]` to `[B, C, f · H, f · W]`, column offset fastest.
    public Tensor pixelShuffle(int factor) {
        return new Tensor(torch.pixel_shuffle(handle, factor));
    }

    /// Three-dimensional convolution of `[B, C, F, H, W]`, padded with zeros.
    ///
    /// @param weight  `[out, in, kernel, kernel, kernel]`
    /// @param bias    `[out]`, or null
    /// @param stride  per axis
    /// @param padding zeros on both sides, per axis
    public Tensor convolve3d(Tensor weight, Tensor bias, long[] stride, long[] padding) {
        if (device().isCpu() && type() == DataType.FLOAT32 && torch.hasMKLDNN()) {
            // LibTorch leaves small inputs to a method that writes all neighbours of every position side by side.
            return new Tensor(torch.mkldnn_convolution(
                    handle.contiguous(), weight.handle, optional(bias), padding, stride, new long[] {1, 1, 1}, 1));
        }
        return new Tensor(
                torch.conv3d(handle, weight.handle, optional(bias), stride, padding, new long[] {1, 1, 1}, 1));
    }

    /// `[B, C, H, W]` in another size, linear between the centres of pixels, not smoothed when it shrinks.
    public Tensor resizeBilinear(long height, long width) {
        return new Tensor(torch.upsample_bilinear2d(handle, new long[] {height, width}, false));
    }

    /// `x / sqrt(mean(x²) + epsilon) · weight` over the last axis, fp32 inside and rounded once.
    ///
    /// @param weight of the last axis' length, or null
    public Tensor rmsNorm(Tensor weight, double epsilon) {
        return new Tensor(torch.rms_norm(handle, new long[] {size(-1)}, optional(weight), Optionals.constant(epsilon)));
    }

    /// Zero mean and unit variance over the last axis, without learned weights.
    public Tensor layerNorm(double epsilon) {
        return new Tensor(torch.layer_norm(
                handle, new long[] {size(-1)}, Optionals.NO_TENSOR, Optionals.NO_TENSOR, epsilon, false));
    }

    /// Normalises groups of channels (axis 1) over all positions of a batch item.
    public Tensor groupNorm(int groups, Tensor weight, Tensor bias, double epsilon) {
        return new Tensor(torch.group_norm(handle, groups, optional(weight), optional(bias), epsilon, false));
    }

    public Tensor softmax(int axis) {
        return new Tensor(torch.softmax(handle, axis));
    }

    public Tensor silu() {
        return new Tensor(torch.silu(handle));
    }

    public Tensor siluInPlace() {
        torch.silu_(handle);
        return this;
    }

    /// The tanh form of gelu.
    public Tensor geluTanh() {
        return new Tensor(torch.gelu(handle, "tanh"));
    }

    public Tensor leakyRelu(double slope) {
        return new Tensor(torch.leaky_relu(handle, new Scalar(slope)));
    }

    public Tensor leakyReluInPlace(double slope) {
        torch.leaky_relu_(handle, new Scalar(slope));
        return this;
    }

    /// Rows of `this` (`[entries, width]`) that the int64 `ids` name.
    public Tensor embedding(Tensor ids) {
        return new Tensor(torch.embedding(handle, ids.handle));
    }

    /// Fused attention, `softmax(query · keyᵀ · scale + mask) · value`.
    ///
    /// @param query `[B, N, T, d]`
    /// @param key   `[B, M, S, d]`, where M divides N: query head i reads key head i·M/N
    /// @param value `[B, M, S, d]`
    /// @param mask  boolean (true = visible) or additive, broadcastable to `[B, N, T, S]`, or null
    public static Tensor attention(Tensor query, Tensor key, Tensor value, Tensor mask, double scale) {
        boolean grouped = query.size(1) != key.size(1);
        return new Tensor(torch.scaled_dot_product_attention(
                query.handle,
                key.handle,
                value.handle,
                optional(mask),
                0.0,
                false,
                Optionals.constant(scale),
                grouped));
    }

    // ------------------------------------------------------------------------------------------------------ the rest

    /// Another handle on the same memory, which lives as long as either.
    public Tensor share() {
        return to(type());
    }

    /// Lets this tensor outlive every scope; whoever calls this must [#close()] it.
    public Tensor retain() {
        handle.retainReference();
        return this;
    }

    /// Frees the memory now rather than with the scope.
    @Override
    public void close() {
        handle.close();
    }

    @Override
    public String toString() {
        return handle.isNull() ? "Tensor[closed]" : "Tensor[%s %s %s]".formatted(type(), describe(shape()), device());
    }

    /// `[1, 8, *]`, where the star stands for [#ANY].
    public static String describe(long... shape) {
        return LongStream.of(shape)
                .mapToObj(length -> length == ANY ? "*" : Long.toString(length))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private Tensor onCpu() {
        return device().isCpu() ? this : to(Device.CPU);
    }

    private static long count(long... shape) {
        return LongStream.of(shape).reduce(1, Math::multiplyExact);
    }

    private static void requireCount(int values, Tensor tensor) {
        if (values != tensor.count()) {
            throw new IllegalArgumentException("%d values for shape %s".formatted(values, describe(tensor.shape())));
        }
    }

    private static TensorOptions options(DataType type, Device device) {
        TensorOptions options = new TensorOptions(type.scalarType());
        return device.isCpu() ? options : options.device(new DeviceOptional(device.handle()));
    }

    private static TensorOptional optional(Tensor tensor) {
        return tensor == null ? Optionals.NO_TENSOR : new TensorOptional(tensor.handle);
    }

    private static TensorVector vector(Tensor... parts) {
        return new TensorVector(Arrays.stream(parts).map(Tensor::handle).toArray(org.bytedeco.pytorch.Tensor[]::new));
    }

    /// A pointer that owns nothing.
    private static final class Address extends Pointer {
        Address(long address) {
            super((Pointer) null);
            this.address = address;
        }
    }
}
