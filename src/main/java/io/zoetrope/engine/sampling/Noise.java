package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.AudioShape;
import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;

/// The noise that a run begins with: drawn on the CPU from one stream per request, the picture's before the
/// sound's.
///
/// @param layout order in which a tensor is drawn
/// @param type   of the draw; bfloat16 draws are not rounded float32 draws
public record Noise(Layout layout, DataType type) {

    /// In which order the elements of a stream's noise are drawn.
    public enum Layout {
        /// Token by token. Ours, and the reference's.
        TOKENS,
        /// As the latent grid lies in memory, like diffusers.
        GRID
    }

    public static final Noise STOCK = new Noise(Layout.TOKENS, DataType.FLOAT32);

    /// @param appended tokens behind the target's; with any, all are drawn token by token
    /// @return `[1, T + appended, C]`
    public Tensor video(RandomStream stream, VideoShape shape, int appended) {
        return layout == Layout.TOKENS || appended > 0
                ? stream.normal(type, 1, shape.tokens() + appended, shape.channels())
                : shape.patchify(
                        stream.normal(type, 1, shape.channels(), shape.frames(), shape.height(), shape.width()));
    }

    /// @return `[1, T, C]`
    public Tensor audio(RandomStream stream, AudioShape shape) {
        return switch (layout) {
            case TOKENS -> stream.normal(type, 1, shape.frames(), shape.width());
            case GRID -> shape.patchify(stream.normal(type, 1, shape.channels(), shape.frames(), shape.bins()));
        };
    }

    /// A state without noise, of which everything is to be generated.
    ///
    /// @param initial   tokens to start from, `[1, T, C]`, or null for none
    /// @param positions `[1, axes, T, 2]`
    /// @param channels  C
    public static LatentState silent(Tensor initial, Tensor positions, int channels, Device device, DataType type) {
        long tokens = positions.size(2);
        Tensor latent = initial == null ? Tensor.zeros(type, device, 1, tokens, channels) : initial.to(device, type);
        latent.requireShape("initial latent", 1, tokens, channels);
        return new LatentState(
                latent, latent, Tensor.ones(DataType.FLOAT32, device, 1, tokens, 1), positions.to(device));
    }

    /// Mixes noise into a state: wholly where it is generated, not at all where it is given.
    ///
    /// @param scale noise level that the state is brought to, 1 for pure noise
    public static LatentState mixed(LatentState state, Tensor noise, double scale) {
        Tensor latent = state.latent().to(DataType.FLOAT32);
        Tensor clean = state.clean().to(DataType.FLOAT32);
        Tensor noised = latent.plus(noise.like(latent).minus(latent).times(scale));
        Tensor mixed = clean.plus(noised.minus(clean).times(state.mask()));
        return state.withLatent(mixed.to(state.latent().type()));
    }
}
