package io.zoetrope.engine.conditioning;

import io.zoetrope.engine.latent.LatentScale;
import io.zoetrope.engine.latent.Positions;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.tensor.Tensor;

/// The picture to be made, as conditions must know it.
///
/// @param shape of its latent
/// @param fps   pixel frames per second, Hz
public record VideoGrid(VideoShape shape, double fps, LatentScale scale) {

    /// Latent frames that are given, from `frame` on.
    ///
    /// @param latent   `[1, C, n, h, w]`, as large as the target in height and width
    /// @param frame    latent frame
    /// @param strength 0 to 1
    /// @throws IllegalArgumentException if it does not lie within the target
    public Conditioning replaced(Tensor latent, int frame, double strength) {
        VideoShape given = matching(latent);
        if (frame < 0 || frame + given.frames() > shape.frames()) {
            throw new IllegalArgumentException("latent frames %d to %d are given, expected within the target's %d"
                    .formatted(frame, frame + given.frames(), shape.frames()));
        }
        return new ReplacedTokens(given.patchify(latent), frame * shape.height() * shape.width(), strength);
    }

    /// Pictures that the target passes through.
    ///
    /// @param latent     `[1, C, n, h, w]`, as large as the target in height and width
    /// @param pixelFrame of the target, from 0
    /// @param still      whether it is one picture rather than a clip
    /// @param strength   0 to 1
    public Conditioning keyframe(Tensor latent, int pixelFrame, boolean still, double strength) {
        VideoShape given = matching(latent);
        Tensor positions = Positions.keyframe(given, pixelFrame, still, fps, scale);
        return new AppendedTokens(given.patchify(latent), positions, strength, null);
    }

    /// A clip whose structure the target follows.
    ///
    /// @param latent         `[1, C, n, h', w']`
    /// @param spatialFactor  target size / reference size
    /// @param temporalFactor target fps / reference fps
    /// @param strength       0 to 1
    /// @param attention      how much both see of each other, 0 to 1; null for wholly
    public Conditioning reference(
            Tensor latent, int spatialFactor, int temporalFactor, double strength, Double attention) {
        VideoShape given = shapeOf(latent);
        Tensor positions = Positions.reference(given, spatialFactor, temporalFactor, fps, scale);
        return new AppendedTokens(given.patchify(latent), positions, strength, attention);
    }

    private VideoShape matching(Tensor latent) {
        latent.requireShape("given latent", 1, shape.channels(), Tensor.ANY, shape.height(), shape.width());
        return shapeOf(latent);
    }

    private VideoShape shapeOf(Tensor latent) {
        latent.requireShape("given latent", 1, shape.channels(), Tensor.ANY, Tensor.ANY, Tensor.ANY);
        return new VideoShape(
                shape.channels(),
                Math.toIntExact(latent.size(2)),
                Math.toIntExact(latent.size(3)),
                Math.toIntExact(latent.size(4)));
    }
}
