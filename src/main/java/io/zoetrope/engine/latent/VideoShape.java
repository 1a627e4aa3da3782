package io.zoetrope.engine.latent;

import io.zoetrope.engine.tensor.Tensor;

/// The size of a video latent.
///
/// @param channels C
/// @param frames   F, latent frames
/// @param height   H, in latent cells
/// @param width    W, in latent cells
public record VideoShape(int channels, int frames, int height, int width) {

    public VideoShape {
        if (channels < 1 || frames < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "video latent [%d, %d, %d, %d], expected at least 1".formatted(channels, frames, height, width));
        }
    }

    /// The latent of a clip.
    ///
    /// @param frames pixel frames, 1 + a multiple of the temporal scale
    /// @param height pixels, a multiple of the spatial scale
    /// @param width  pixels, a multiple of the spatial scale
    public static VideoShape of(int channels, int frames, int height, int width, LatentScale scale) {
        int above = Math.floorMod(frames - 1, scale.temporal());
        if (frames < 1 || above != 0) {
            String nearest = frames < 1 ? "1" : "%d or %d".formatted(frames - above, frames - above + scale.temporal());
            throw new IllegalArgumentException(
                    "%d frames, expected 1 + a multiple of %d: %s".formatted(frames, scale.temporal(), nearest));
        }
        if (height < 1 || width < 1 || height % scale.spatial() != 0 || width % scale.spatial() != 0) {
            throw new IllegalArgumentException(
                    "%d x %d pixels, expected multiples of %d".formatted(width, height, scale.spatial()));
        }
        return new VideoShape(
                channels, (frames - 1) / scale.temporal() + 1, height / scale.spatial(), width / scale.spatial());
    }

    public int tokens() {
        return frames * height * width;
    }

    /// Grid to tokens: frames slowest, then rows, then columns.
    ///
    /// @param latent `[B, C, F, H, W]`
    /// @return `[B, T, C]`
    public Tensor patchify(Tensor latent) {
        latent.requireShape("video latent", Tensor.ANY, channels, frames, height, width);
        return latent.permute(0, 2, 3, 4, 1).reshape(latent.size(0), tokens(), channels);
    }

    /// Tokens to grid.
    ///
    /// @param tokens `[B, T, C]`
    /// @return `[B, C, F, H, W]`
    public Tensor unpatchify(Tensor tokens) {
        tokens.requireShape("video tokens", Tensor.ANY, tokens(), channels);
        return tokens.view(tokens.size(0), frames, height, width, channels).permute(0, 4, 1, 2, 3);
    }
}
