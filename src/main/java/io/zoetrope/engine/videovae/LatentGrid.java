package io.zoetrope.engine.videovae;

/// How latents lie over a clip.
///
/// @param temporalScale frames of a latent frame after the first, which stands for one
/// @param spatialScale  pixels of a latent, per axis
/// @param smallestSide  latents of the shortest side that can be decoded
public record LatentGrid(int temporalScale, int spatialScale, int smallestSide) {

    public LatentGrid {
        if (temporalScale < 1 || spatialScale < 1 || smallestSide < 1) {
            throw new IllegalArgumentException("latents of %d frames and %d pixels, at least %d along a side"
                    .formatted(temporalScale, spatialScale, smallestSide));
        }
    }

    long frames(long latentFrames) {
        return (latentFrames - 1) * temporalScale + 1;
    }
}
