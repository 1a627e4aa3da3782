package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;

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

    static Keep of(boolean[] kept, DataType type, Device device) {
        int count = 0;
        float[] flags = new float[kept.length];
        for (int sample = 0; sample < kept.length; sample++) {
            flags[sample] = kept[sample] ? 1 : 0;
            count += kept[sample] ? 1 : 0;
        }
        if (count == kept.length) {
            return ALL;
        }
        return count == 0 ? NONE : new Some(Tensor.of(flags, kept.length, 1, 1).to(device, type));
    }
}
