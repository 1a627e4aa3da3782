package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import java.util.List;

/// Which samples of a batch run an attention normally, in one block.
sealed interface Keep {

    /// No sample is perturbed.
    record All() implements Keep {}

    /// Every sample is.
    record None() implements Keep {}

    /// Some are.
    ///
    /// @param flags `[B, 1, 1]`, 1 for those that are kept
    record Some(Tensor flags) implements Keep {}

    Keep ALL = new All();
    Keep NONE = new None();

    /// @param kept per sample
    static Keep of(List<Boolean> kept, DataType type, Device device) {
        if (!kept.contains(false)) {
            return ALL;
        }
        if (!kept.contains(true)) {
            return NONE;
        }
        // Filled on the device: a pass that copies from the host could not be recorded.
        Tensor[] flags = kept.stream()
                .map(one -> Tensor.full(one ? 1 : 0, type, device, 1, 1, 1))
                .toArray(Tensor[]::new);
        return new Some(Tensor.concatenate(0, flags));
    }
}
