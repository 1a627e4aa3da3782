package io.zoetrope.engine.videovae;

import java.util.ArrayList;
import java.util.List;

/// How a clip is cut into overlapping boxes, so that memory is bounded by the box and not by the clip.
///
/// @param frames along time
/// @param height along the picture's height
/// @param width  along the picture's width
public record Tiling(Axis frames, Axis height, Axis width) {

    /// No tiles.
    public static final Tiling WHOLE = new Tiling(new Axis.Whole(), new Axis.Whole(), new Axis.Whole());

    private static final Axis.Size DEFAULT_FRAMES = new Axis.Size(80, 24);

    /// From the reference's down to the shortest whose masks still sum to one.
    private static final List<Axis.Size> FRAMES =
            List.of(DEFAULT_FRAMES, new Axis.Size(48, 24), new Axis.Size(32, 16), new Axis.Size(16, 8));

    private static final int SHORTEST_LONGER_SIDE = 128;

    /// Along the longer side of a picture.
    private static final int LONGEST_TILE = 768;

    private static final int OVERLAP = 64;
    private static final int SHORTEST_TILE = 96;
    private static final int FEWEST_LATENTS = 2;

    /// Overlaps below these leave seams in a latent.
    private static final int ENCODING_OVERLAP_FRAMES = 16;

    private static final int ENCODING_OVERLAP_PIXELS = 64;

    /// How one axis is cut.
    public sealed interface Axis {

        /// Not at all.
        record Whole() implements Axis {}

        /// Into tiles of one size; the last may be shorter.
        ///
        /// @param tile    frames or pixels
        /// @param overlap of neighbours, in frames or pixels
        record Size(int tile, int overlap) implements Axis {}

        /// Into so many tiles, whose sizes differ by one latent at most.
        ///
        /// @param tiles   number of tiles
        /// @param overlap of neighbours, in latent frames or latent pixels
        record Count(int tiles, int overlap) implements Axis {}
    }

    /// The reference's layout for decoding: 80 frames, 768 pixels along the longer side, and along the shorter one
    /// what keeps the picture's proportions.
    ///
    /// @param height pixels
    /// @param width  pixels
    public static Tiling forDecoding(LatentGrid grid, long height, long width) {
        return forDecoding(grid, height, width, DEFAULT_FRAMES, LONGEST_TILE);
    }

    /// Legal layouts for clips for which the reference's takes too much memory: its proportions with smaller tiles.
    ///
    /// @param height pixels
    /// @param width  pixels
    public static List<Tiling> smallerForDecoding(LatentGrid grid, long height, long width) {
        List<Tiling> layouts = new ArrayList<>();
        for (Axis.Size frames : FRAMES) {
            for (int side = LONGEST_TILE; side >= SHORTEST_LONGER_SIDE; side -= SHORTEST_LONGER_SIDE) {
                layouts.add(forDecoding(grid, height, width, frames, side));
            }
        }
        return List.copyOf(layouts);
    }

    private static Tiling forDecoding(LatentGrid grid, long height, long width, Axis.Size frames, int longest) {
        int scale = grid.spatialScale();
        long fewest = Math.max(FEWEST_LATENTS, OVERLAP / scale + 1);
        double proportion = (double) Math.min(height, width) / Math.max(height, width);
        long latents = Math.max(fewest, (long) Math.rint((double) longest / scale * proportion));
        Axis longer = new Axis.Size(longest, OVERLAP);
        Axis shorter =
                new Axis.Size((int) Math.max(Math.ceilDiv(SHORTEST_TILE, scale) * scale, scale * latents), OVERLAP);
        return height <= width ? new Tiling(frames, shorter, longer) : new Tiling(frames, longer, shorter);
    }

    /// The reference's layout for encoding: 80 frames, 768 pixels along both sides.
    public static Tiling forEncoding() {
        Axis side = new Axis.Size(LONGEST_TILE, OVERLAP);
        return new Tiling(DEFAULT_FRAMES, side, side);
    }

    /// Refuses tiles that the latent grid of a model does not allow.
    ///
    /// @throws IllegalArgumentException naming every axis that is wrong
    void requireLegal(LatentGrid grid) {
        List<String> problems = new ArrayList<>();
        addProblem("frames", frames, grid.temporalScale(), 0, problems);
        addProblem("height", height, grid.spatialScale(), 0, problems);
        addProblem("width", width, grid.spatialScale(), 0, problems);
        refuse(problems);
    }

    /// As [#requireLegal], with the overlaps that encoding needs.
    void requireLegalForEncoding(LatentGrid grid) {
        List<String> problems = new ArrayList<>();
        addProblem("frames", frames, grid.temporalScale(), ENCODING_OVERLAP_FRAMES, problems);
        addProblem("height", height, grid.spatialScale(), ENCODING_OVERLAP_PIXELS, problems);
        addProblem("width", width, grid.spatialScale(), ENCODING_OVERLAP_PIXELS, problems);
        refuse(problems);
    }

    private static void addProblem(String name, Axis axis, int scale, int leastOverlap, List<String> problems) {
        switch (axis) {
            case Axis.Whole _ -> {}
            case Axis.Size(int tile, int overlap) -> {
                boolean onGrid = tile % scale == 0 && overlap % scale == 0;
                if (!onGrid || tile < 2 * scale || overlap < leastOverlap || overlap >= tile) {
                    problems.add(("tiles of %d %s that overlap by %d, expected multiples of %d, at least %d,"
                                    + " and an overlap of %d or more that is smaller than the tile")
                            .formatted(tile, name, overlap, scale, 2 * scale, leastOverlap));
                }
            }
            case Axis.Count(int tiles, int overlap) -> {
                if (tiles < 1 || overlap < 0) {
                    problems.add("%d tiles along %s that overlap by %d latents, expected 1 or more, overlap 0 or more"
                            .formatted(tiles, name, overlap));
                }
            }
        }
    }

    private static void refuse(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }
}
