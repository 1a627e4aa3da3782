package io.zoetrope.verify;

/// What a golden case says of itself.
///
/// @param component         of the engine
/// @param name              of the case, unique in its component
/// @param description       what the case covers, in the words of whoever made it
/// @param absoluteTolerance allowed of |ours - theirs|
/// @param relativeTolerance allowed beyond it, as a factor of |theirs|
public record CaseHeader(
        String component, String name, String description, double absoluteTolerance, double relativeTolerance) {

    /// How a person calls the case: `component/name`.
    @Override
    public String toString() {
        return component + "/" + name;
    }
}
