package io.zoetrope.plan;

import io.zoetrope.engine.videovae.Tiling;

/// The overlapping tiles in which a clip is decoded. They are part of the plan because they show in the result.
///
/// @param frames along time
/// @param height in pixels, like `width`
public record DecodeTiles(Side frames, Side height, Side width) {

    /// @param tile    length of a tile
    /// @param overlap of neighbours
    public record Side(int tile, int overlap) {}

    static DecodeTiles of(Tiling tiling) {
        return new DecodeTiles(side(tiling.frames()), side(tiling.height()), side(tiling.width()));
    }

    /// In the engine's words.
    public Tiling tiling() {
        return new Tiling(axis(frames), axis(height), axis(width));
    }

    @Override
    public String toString() {
        return "%d frames (overlap %d), %dx%d pixels (overlap %d and %d)"
                .formatted(
                        frames.tile(),
                        frames.overlap(),
                        width.tile(),
                        height.tile(),
                        width.overlap(),
                        height.overlap());
    }

    private static Side side(Tiling.Axis axis) {
        return switch (axis) {
            case Tiling.Axis.Size(int tile, int overlap) -> new Side(tile, overlap);
            case Tiling.Axis.Whole _, Tiling.Axis.Count _ ->
                throw new IllegalArgumentException("plans tell tiles by their size, not as " + axis);
        };
    }

    private static Tiling.Axis axis(Side side) {
        return new Tiling.Axis.Size(side.tile(), side.overlap());
    }
}
