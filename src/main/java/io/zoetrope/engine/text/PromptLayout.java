package io.zoetrope.engine.text;

import io.zoetrope.engine.tensor.DataType;

/// How a prompt lies in the text model's row. What real tokens become does not depend on it, but for rounding.
public enum PromptLayout {
    /// Real tokens alone. The cost is that of the prompt's length, not of all slots.
    REAL_TOKENS,
    /// All slots, the padding in front, as the reference does.
    PADDED;

    /// Real tokens alone in float32, where the two differ by less than 1e-5. In coarser types every rounding of a
    /// position or a sum shows, and the reference's own layout is the one to be compared with.
    public static PromptLayout usualFor(DataType type) {
        return type == DataType.FLOAT32 || type == DataType.FLOAT64 ? REAL_TOKENS : PADDED;
    }
}
