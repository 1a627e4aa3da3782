package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// The spectrogram that the bandwidth extension takes of a waveform. Its frames look back only, and both its
/// transforms come from the checkpoint: it is not the spectrogram of the audio autoencoder.
final class CausalMel {

    private static final double SMALLEST = 1e-5;

    private final Tensor fourier; // [fft + 2, 1, fft]: real rows, then imaginary ones
    private final Tensor filters; // [fft / 2 + 1, mel bins]
    private final int hopLength;

    private CausalMel(Tensor fourier, Tensor filters, int hopLength) {
        this.fourier = fourier;
        this.filters = filters;
        this.hopLength = hopLength;
    }

    static CausalMel load(VocoderConfig.BandwidthExtended config, DataType type, Weights weights) {
        long fft = config.fftLength();
        Weights transform = weights.under("stft_fn");
        transform.ignore("inverse_basis");
        try (TensorScope _ = TensorScope.open()) {
            return new CausalMel(
                    transform.tensorAs(type, "forward_basis", fft + 2, 1, fft),
                    weights.derived(weights.tensorAs(type, "mel_basis", config.melBins(), fft / 2 + 1)
                            .transpose(0, 1)),
                    config.hopLength());
        }
    }

    /// @param wave `[B, 2, N]`, N a multiple of the hop length
    /// @return log mel `[B, 2, N / hop, mel bins]`
    Tensor of(Tensor wave) {
        long channels = wave.size(0) * wave.size(1);
        long bins = filters.size(0);
        try (TensorScope scope = TensorScope.open()) {
            Tensor spectrum = wave.reshape(channels, 1, wave.size(2))
                    .pad("constant", Math.max(0, fourier.size(2) - hopLength), 0)
                    .convolve1d(fourier, null, hopLength, 0, 1); // [B · 2, fft + 2, T]
            Tensor magnitude = spectrum.narrow(1, 0, bins)
                    .square()
                    .plus(spectrum.narrow(1, bins, bins).square())
                    .sqrt();
            Tensor mel = magnitude.transpose(1, 2).matmul(filters); // [B · 2, T, mel bins]
            return scope.keep(mel.atLeast(SMALLEST).log().view(wave.size(0), wave.size(1), mel.size(1), mel.size(2)));
        }
    }
}
