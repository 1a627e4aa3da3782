package io.zoetrope.engine.tensor;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.global.torch;

/// Which kernel attentions of CUDA devices shall use where it can compute them; where it cannot, such as
/// flash with a mask, LibTorch takes one of those that are left.
public enum AttentionPreference {
    /// LibTorch's own order.
    AUTO("auto", true, true, true),
    FLASH("flash", true, true, false),
    MEMORY_EFFICIENT("memory-efficient", false, true, false),
    CUDNN("cudnn", true, true, true),
    MATH("math", false, false, false);

    /// cuDNN, flash, memory-efficient, math.
    private static final long[] CUDNN_FIRST = {3, 1, 2, 0};

    /// Flash, memory-efficient, math, cuDNN.
    private static final long[] FLASH_FIRST = {1, 2, 0, 3};

    /// Compute capabilities on which LibTorch puts cuDNN first by itself: data centre GPUs from Hopper on.
    private static final Set<Integer> CUDNN_FIRST_BY_ITSELF = Set.of(90, 100);

    private final String label;
    private final boolean flash;
    private final boolean memoryEfficient;
    private final boolean cudnn;

    AttentionPreference(String label, boolean flash, boolean memoryEfficient, boolean cudnn) {
        this.label = label;
        this.flash = flash;
        this.memoryEfficient = memoryEfficient;
        this.cudnn = cudnn;
    }

    /// The name in configuration and on the command line.
    public String label() {
        return label;
    }

    /// @throws IllegalArgumentException naming the known ones
    public static AttentionPreference named(String label) {
        return Arrays.stream(values())
                .filter(preference -> preference.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'%s' is not allowed; expected one of %s"
                        .formatted(
                                label,
                                Arrays.stream(values())
                                        .map(AttentionPreference::label)
                                        .collect(Collectors.joining(", ")))));
    }

    /// Sets it for this process, before anything computes. The CPU keeps its one fused kernel.
    public void apply(Device device) {
        if (device.isCpu()) {
            return;
        }
        set(device.capability());
        AttentionKernel.forget();
    }

    void set(int capability) {
        Context context = torch.globalContext();
        context.setSDPUseFlash(flash);
        context.setSDPUseMemEfficient(memoryEfficient);
        context.setSDPUseCuDNN(cudnn);
        context.setSDPUseMath(true); // what is left where nothing else fits
        boolean cudnnFirst = this == CUDNN || CUDNN_FIRST_BY_ITSELF.contains(capability);
        context.setSDPPriorityOrder(new LongVector(cudnnFirst ? CUDNN_FIRST : FLASH_FIRST));
    }
}
