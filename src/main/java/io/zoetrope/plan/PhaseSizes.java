package io.zoetrope.plan;

/// The pictures of a clip's phases.
///
/// @param first of the first phase
/// @param whole the final one, the same if there is one phase
record PhaseSizes(GenerationPlan.Video first, GenerationPlan.Video whole) {

    /// Length of the clip.
    double seconds() {
        return whole.frames() / whole.fps();
    }
}
