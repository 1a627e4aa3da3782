package io.zoetrope.engine.tensor;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.bytedeco.pytorch.IValue;

/// What LibTorch has to compute a fused attention with, and how often each was asked to.
public enum AttentionKernel {
    /// Two products and a softmax between them, with memory of the product of both lengths.
    MATH("math", 0),
    /// Flash attention; knows no mask on CUDA.
    FLASH("flash", 1),
    /// Of xFormers.
    MEMORY_EFFICIENT("memory-efficient", 2),
    CUDNN("cudnn", 3),
    /// Flash attention in float32 around a narrower type, on the CPU.
    FLASH_WIDENED("flash-widened", -1);

    /// What the choice depends on, once nothing records gradients. Lengths matter only where they are 1.
    private record Question(
            Device.Kind device,
            DataType type,
            long headWidth,
            boolean grouped,
            boolean oneQuery,
            boolean oneKey,
            int maskRank) {}

    private static final int NO_MASK = -1;

    private static final Map<Question, AttentionKernel> ANSWERS = new ConcurrentHashMap<>();

    private final String label;
    private final int backend;
    private final LongAdder calls = new LongAdder();

    AttentionKernel(String label, int backend) {
        this.label = label;
        this.backend = backend;
    }

    /// The name in metrics and in configuration.
    public String label() {
        return label;
    }

    /// How many attentions this process has begun with it. Those within a recorded pass count once, when it
    /// is recorded.
    public long calls() {
        return calls.sum();
    }

    /// Notes a call.
    public void count() {
        calls.increment();
    }

    /// The one that LibTorch takes for an attention; see [Tensor#attention]. Asked once for each kind of
    /// attention, since asking costs more than counting.
    public static AttentionKernel chosen(
            Device device, DataType type, Tensor query, Tensor key, Tensor value, Tensor mask, double scale) {
        Question question = new Question(
                device.kind(),
                type,
                query.size(-1),
                query.size(1) != key.size(1),
                query.size(2) == 1,
                key.size(2) == 1,
                mask == null ? NO_MASK : mask.rank());
        AttentionKernel known = ANSWERS.get(question);
        return known == null
                ? ANSWERS.computeIfAbsent(question, asked -> asked(query, key, value, mask, scale, asked.grouped()))
                : known;
    }

    /// Forgets the choices, because what they depend on was set anew.
    static void forget() {
        ANSWERS.clear();
    }

    private static AttentionKernel asked(
            Tensor query, Tensor key, Tensor value, Tensor mask, double scale, boolean grouped) {
        try (TensorScope _ = TensorScope.open()) {
            long backend = Operator.named("aten::_fused_sdp_choice")
                    .call(
                            new IValue(query.handle()),
                            new IValue(key.handle()),
                            new IValue(value.handle()),
                            Operator.optional(mask),
                            new IValue(0.0),
                            new IValue(false),
                            new IValue(scale),
                            new IValue(grouped))
                    .toInt();
            return Arrays.stream(values())
                    .filter(kernel -> kernel.backend == backend)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("attention kernel %d is unknown".formatted(backend)));
        }
    }
}
