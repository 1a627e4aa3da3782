package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// How loud a waveform's frequency bands are from frame to frame: what both spectrograms of the model have in
/// common.
/// They differ in what surrounds the waveform, and in where the two matrices come from.
///
/// @param fourier   `[fft + 2, 1, fft]`: real rows, then imaginary ones, a window included
/// @param filters   `[fft / 2 + 1, mel bins]`
/// @param hopLength samples from one frame to the next
record LogMel(Tensor fourier, Tensor filters, int hopLength) {

    private static final double SMALLEST = 1e-5;

    int fftLength() {
        return (int) fourier.size(2);
    }

    /// @param wave `[B, C, N]`, whose first frame begins with the first sample
    /// @return natural logarithms `[B, C, (N - fft) div hop + 1, mel bins]`
    Tensor of(Tensor wave) {
        long bins = filters.size(0);
        try (TensorScope scope = TensorScope.open()) {
            Tensor spectrum = wave.reshape(wave.size(0) * wave.size(1), 1, wave.size(2))
                    .convolve1d(fourier, null, hopLength, 0, 1); // [B · C, fft + 2, T]
            Tensor magnitude = spectrum.narrow(1, 0, bins)
                    .square()
                    .plus(spectrum.narrow(1, bins, bins).square())
                    .sqrt();
            Tensor mel = magnitude.transpose(1, 2).matmul(filters); // [B · C, T, mel bins]
            return scope.keep(mel.atLeast(SMALLEST).log().view(wave.size(0), wave.size(1), mel.size(1), mel.size(2)));
        }
    }
}
