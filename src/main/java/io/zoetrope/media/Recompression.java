package io.zoetrope.media;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A picture as it looks after H.264: encoded as a clip of one frame and decoded again. The model was trained on
/// frames of compressed clips, and tends to freeze when it is given a picture without their traces.
///
/// Quality is told as x264's constant rate factor, as the reference tells it. The encoder here is libopenh264, which
/// has no such setting: it works at the one quantizer that keeps as much of a picture as x264 does at that factor.
/// Pictures beyond the encoder's largest size pass it in pieces.
public final class Recompression {

    /// The encoder that does it, for the record.
    public static final String ENCODER = IntraCodec.ENCODER;

    /// Leaves a picture as it is.
    public static final int NONE = 0;

    /// The coarsest rate factor.
    public static final int COARSEST = 51;

    /// Smaller sides cannot be halved for the colours.
    private static final int SMALLEST_SIDE = 2;

    /// Longest side of a piece, pixels; whole blocks, so that pieces differ no more at their edges than blocks do.
    private static final int PIECE = 2048;

    private Recompression() {}

    /// Compresses `picture` once. Sides lose their last row or column if they are odd; with rate factor 0, or a
    /// side of one pixel, the picture stays as it is.
    ///
    /// @param picture            `[1, H, W, 3]`
    /// @param constantRateFactor 0 to 51; 0 for no compression
    /// @param arena              owns the memory of the result
    /// @return `[1, H - H % 2, W - W % 2, 3]`, or `picture` itself
    /// @throws IOException if the encoder fails
    public static RgbFrames apply(RgbFrames picture, int constantRateFactor, Arena arena) throws IOException {
        if (picture.frames() != 1) {
            throw new IllegalArgumentException("%d pictures, expected 1".formatted(picture.frames()));
        }
        if (constantRateFactor < NONE || constantRateFactor > COARSEST) {
            throw new IllegalArgumentException(
                    "constant rate factor %d, expected %d to %d".formatted(constantRateFactor, NONE, COARSEST));
        }
        if (constantRateFactor == NONE || picture.height() < SMALLEST_SIDE || picture.width() < SMALLEST_SIDE) {
            return picture;
        }
        int quantizer = IntraCodec.quantizerOf(constantRateFactor);
        RgbFrames result = RgbFrames.allocate(arena, 1, even(picture.height()), even(picture.width()));
        for (int top = 0; top < result.height(); top += PIECE) {
            for (int left = 0; left < result.width(); left += PIECE) {
                int height = Math.min(PIECE, result.height() - top);
                int width = Math.min(PIECE, result.width() - left);
                pass(picture, result, top, left, height, width, quantizer);
            }
        }
        return result;
    }

    private static void pass(
            RgbFrames picture, RgbFrames result, int top, int left, int height, int width, int quantizer)
            throws IOException {
        try (Arena arena = Arena.ofConfined();
                var codec = new IntraCodec(padded(height), padded(width), quantizer)) {
            RgbFrames piece = RgbFrames.allocate(arena, 1, padded(height), padded(width));
            for (int row = 0; row < piece.height(); row++) {
                int from = Math.min(row, height - 1);
                copyRow(picture, top + from, left, piece, row, 0, width);
                for (int column = width; column < piece.width(); column++) {
                    copyRow(piece, row, width - 1, piece, row, column, 1);
                }
            }
            codec.pass(piece.rgb());
            for (int row = 0; row < height; row++) {
                copyRow(piece, row, 0, result, top + row, left, width);
            }
        }
    }

    private static void copyRow(
            RgbFrames source, int fromRow, int fromColumn, RgbFrames target, int toRow, int toColumn, int pixels) {
        MemorySegment.copy(
                source.rgb(),
                3L * ((long) fromRow * source.width() + fromColumn),
                target.rgb(),
                3L * ((long) toRow * target.width() + toColumn),
                3L * pixels);
    }

    /// The encoder takes no less than a block; the last row and column fill it.
    private static int padded(int pixels) {
        return Math.max(pixels, IntraCodec.SMALLEST_SIDE);
    }

    private static int even(int pixels) {
        return pixels - pixels % 2;
    }
}
