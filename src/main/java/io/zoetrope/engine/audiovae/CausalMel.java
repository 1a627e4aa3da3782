package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// The spectrogram that the bandwidth extension takes of a waveform. Its frames look back only, and both its
/// transforms come from the checkpoint: it is not the spectrogram of the audio autoencoder.
record CausalMel(LogMel frames) {

    static CausalMel load(VocoderConfig.BandwidthExtended config, DataType type, Weights weights) {
        long fft = config.fftLength();
        Weights transform = weights.under("stft_fn");
        transform.ignore("inverse_basis");
        try (TensorScope _ = TensorScope.open()) {
            return new CausalMel(new LogMel(
                    transform.tensorAs(type, "forward_basis", fft + 2, 1, fft),
                    weights.derived(weights.tensorAs(type, "mel_basis", config.melBins(), fft / 2 + 1)
                            .transpose(0, 1)),
                    config.hopLength()));
        }
    }

    /// @param wave `[B, 2, N]`, N a multiple of the hop length
    /// @return log mel `[B, 2, N / hop, mel bins]`
    Tensor of(Tensor wave) {
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(frames.of(wave.pad("constant", Math.max(0, frames.fftLength() - frames.hopLength()), 0)));
        }
    }
}
