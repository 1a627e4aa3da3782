package io.zoetrope.engine.sampling;

/// How a stream is led away from the negative prediction.
///
/// Source: docs/model/sampling.md, section 7.
public sealed interface ClassifierFreeRule {

    /// Along the difference of both predictions. The reference's pipelines use no other.
    record Plain() implements ClassifierFreeRule {}

    /// CFG*: the negative prediction is first scaled to its projection on the positive one.
    record Star() implements ClassifierFreeRule {}

    /// Adaptive projected guidance: the part along the positive prediction is damped, the whole bounded.
    ///
    /// @param eta       factor of the parallel part; 1 leaves it
    /// @param threshold greatest norm of the difference; 0 for no bound
    record AdaptiveProjected(double eta, double threshold) implements ClassifierFreeRule {}
}
