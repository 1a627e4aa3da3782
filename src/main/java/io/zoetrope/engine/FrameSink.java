package io.zoetrope.engine;

import io.zoetrope.engine.tensor.Tensor;
import java.io.IOException;

/// Takes a clip's frames as they leave the decoder, in order.
@FunctionalInterface
public interface FrameSink {

    /// @param frames uint8 `[n, H, W, 3]`, contiguous on the CPU, n at least 1; valid during this call only
    void accept(Tensor frames) throws IOException;

    /// Called between pieces of work that give no frames yet: two tiles, the picture and the sound, the spectrogram and
    /// the samples. Ends the decoding by throwing, as [#accept] does.
    default void between() throws IOException {}
}
