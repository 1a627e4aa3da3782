package io.zoetrope.engine.sampling;

/// An evaluation of the network at one noise level.
public enum GuidancePass {
    /// With the prompt.
    CONDITIONAL("cond"),
    /// With the negative prompt.
    UNCONDITIONAL("uncond"),
    /// With the prompt, self-attention passing values through in some blocks.
    PERTURBED("perturbed"),
    /// With the prompt, picture and sound not seeing each other.
    ISOLATED("isolated");

    private final String code;

    GuidancePass(String code) {
        this.code = code;
    }

    /// Name in traces.
    public String code() {
        return code;
    }
}
