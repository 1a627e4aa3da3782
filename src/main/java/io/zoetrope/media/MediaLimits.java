package io.zoetrope.media;

/// How much of a file [MediaReader] takes in before it refuses it. Memory is only taken for what is within.
///
/// @param bytes          size of the file, at most
/// @param seconds        of a clip or sound that are read, at most
/// @param pixelsPerFrame width x height of a picture, at most
/// @param frames         number of pictures, at most
/// @param pixels         of all pictures together, at most; three bytes each
/// @param samples        of all channels together, at most; four bytes each
public record MediaLimits(long bytes, double seconds, long pixelsPerFrame, long frames, long pixels, long samples) {

    /// Enough for a photograph of 64 megapixels, a minute in full HD at 8 Hz, ten minutes of stereo.
    public static final MediaLimits DEFAULT =
            new MediaLimits(2_000_000_000, 600, 64_000_000, 4_000, 1_000_000_000, 64_000_000);

    public MediaLimits {
        if (bytes < 1 || !(seconds > 0) || pixelsPerFrame < 1 || frames < 1 || pixels < 1 || samples < 1) {
            throw new IllegalArgumentException(
                    "limits of %d bytes, %s seconds, %d pixels per frame, %d frames, %d pixels, %d samples,"
                                    .formatted(bytes, seconds, pixelsPerFrame, frames, pixels, samples)
                            + " expected more than 0");
        }
    }
}
