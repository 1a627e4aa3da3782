package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.Tensor;

/// Puts given content back to its place after each prediction.
final class Masks {

    private final Streams<LatentState> states;
    private final Streams<Boolean> whole; // nothing is given

    Masks(Streams<LatentState> states) {
        this.states = states;
        this.whole = states.map(Masks::isWhole);
    }

    /// `x · m + clean · (1 - m)`, in the type of `tensors`.
    Streams<Tensor> restore(Streams<Tensor> tensors) {
        return new Streams<>(
                restore(tensors.video(), states.video(), whole.video()),
                restore(tensors.audio(), states.audio(), whole.audio()));
    }

    static boolean isWhole(LatentState state) {
        return !state.mask().equalTo(1).not().any();
    }

    private static Tensor restore(Tensor tensor, LatentState state, Boolean whole) {
        if (tensor == null || whole) {
            return tensor;
        }
        Tensor mask = state.mask().to(tensor.type());
        Tensor clean = state.clean().to(tensor.type());
        return tensor.times(mask).plus(clean.times(mask.negative().plus(1)));
    }
}
