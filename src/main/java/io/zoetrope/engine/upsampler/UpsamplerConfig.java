package io.zoetrope.engine.upsampler;

import io.zoetrope.engine.checkpoint.ConfigSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The shape of an upsampler: the whole `config` of its file.
///
/// @param channels C of the latent
/// @param width    M of the network
/// @param layers   residual blocks before, and again after, the enlargement
/// @param variant  how it enlarges
/// @param scale    of the sides, for the rational resampler
public record UpsamplerConfig(int channels, int width, int layers, Variant variant, Fraction scale) {

    /// How the network enlarges.
    public enum Variant {
        SHUFFLED_SPACE,
        RATIONAL_SPACE,
        SHUFFLED_TIME
    }

    /// @param numerator   how many times a side grows
    /// @param denominator and how many times it shrinks again
    public record Fraction(int numerator, int denominator) {}

    /// Normalisation is over this many groups of channels.
    static final int GROUPS = 32;

    private static final Map<Double, Fraction> FRACTIONS =
            Map.of(0.75, new Fraction(3, 4), 1.5, new Fraction(3, 2), 2.0, new Fraction(2, 1), 4.0, new Fraction(4, 1));

    /// @throws io.zoetrope.engine.checkpoint.CheckpointException listing everything that is not implemented
    public static UpsamplerConfig of(ConfigSection config) {
        List<String> problems = new ArrayList<>(config.deviations(Map.of("dims", 3)));
        boolean space = config.flag("spatial_upsample", true);
        boolean time = config.flag("temporal_upsample", false);
        boolean rational = config.flag("rational_resampler", false);
        if (space == time) {
            problems.add("spatial_upsample and temporal_upsample are both %s, expected one of them".formatted(space));
        }
        double scale = config.number("spatial_scale", 2);
        Fraction fraction = space && rational ? FRACTIONS.get(scale) : new Fraction(2, 1);
        if (fraction == null) {
            problems.add("spatial_scale is %s, expected 0.75, 1.5, 2 or 4".formatted(scale));
        }
        int width = config.integer("mid_channels", 512);
        if (width < GROUPS || width % GROUPS != 0) {
            problems.add("mid_channels is %d, expected a multiple of %d".formatted(width, GROUPS));
        }
        if (!problems.isEmpty()) {
            throw config.refusal(problems);
        }
        return new UpsamplerConfig(
                config.integer("in_channels", 128),
                width,
                config.integer("num_blocks_per_stage", 4),
                time ? Variant.SHUFFLED_TIME : rational ? Variant.RATIONAL_SPACE : Variant.SHUFFLED_SPACE,
                fraction);
    }

    /// What it is to a request.
    ///
    /// @throws IllegalArgumentException if no request can ask for its scale
    public UpsamplerKind kind() {
        if (variant == Variant.SHUFFLED_TIME) {
            return UpsamplerKind.TEMPORAL_X2;
        }
        for (UpsamplerKind kind : List.of(UpsamplerKind.SPATIAL_X2, UpsamplerKind.SPATIAL_X1_5)) {
            if (kind.numerator() == scale.numerator() && kind.denominator() == scale.denominator()) {
                return kind;
            }
        }
        throw new IllegalArgumentException("an upsampler by %s, expected by 2 or 3/2".formatted(scale));
    }
}
