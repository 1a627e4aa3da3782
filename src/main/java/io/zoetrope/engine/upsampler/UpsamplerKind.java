package io.zoetrope.engine.upsampler;

/// Which way an upsampler enlarges.
public enum UpsamplerKind {
    /// Twice as high and wide.
    SPATIAL_X2("spatial-x2", 2, 1, false),
    /// Half as high and wide again.
    SPATIAL_X1_5("spatial-x1.5", 3, 2, false),
    /// Twice the frame rate.
    TEMPORAL_X2("temporal-x2", 1, 1, true);

    private final String label;
    private final int numerator;
    private final int denominator;
    private final boolean temporal;

    UpsamplerKind(String label, int numerator, int denominator, boolean temporal) {
        this.label = label;
        this.numerator = numerator;
        this.denominator = denominator;
        this.temporal = temporal;
    }

    /// The name in requests and plans.
    public String label() {
        return label;
    }

    /// How much larger a side becomes, as a fraction.
    public int numerator() {
        return numerator;
    }

    public int denominator() {
        return denominator;
    }

    /// Whether F latent frames become 2F - 1.
    public boolean temporal() {
        return temporal;
    }

    @Override
    public String toString() {
        return label;
    }
}
