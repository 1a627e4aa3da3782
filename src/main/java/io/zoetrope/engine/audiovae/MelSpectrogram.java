package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.Arrays;
import java.util.function.BiConsumer;

/// Waveforms to the log mel spectrograms that the audio encoder reads.
///
/// Works in float32 on the CPU, whatever the model does elsewhere: it is little work, and convolutions of CUDA
/// devices
/// may round their inputs.
public final class MelSpectrogram {

    private static final DataType TYPE = DataType.FLOAT32;

    private final AudioVaeConfig config;
    private final LogMel frames;

    private MelSpectrogram(AudioVaeConfig config, LogMel frames) {
        this.config = config;
        this.frames = frames;
    }

    /// @param arena owns the window and the filters
    public static MelSpectrogram of(AudioVaeConfig config, TensorArena arena) {
        int fft = config.fftLength();
        double[][] filters = MelFilters.of(fft / 2 + 1, config.melBins(), config.sampleRate());
        try (TensorScope _ = TensorScope.open()) {
            return new MelSpectrogram(
                    config,
                    new LogMel(
                            arena.own(Tensor.of(windowedFourier(fft), fft + 2, 1, fft)
                                    .to(TYPE)),
                            arena.own(Tensor.of(flat(filters), filters.length, config.melBins())
                                    .to(TYPE)),
                            config.hopLength()));
        }
    }

    /// @param wave       `[B, 2, N]`, full scale at -1 and 1
    /// @param sampleRate of the wave, Hz
    /// @return float32 log mel on the CPU, `[B, 2, N' div hop + 1, mel bins]`, N' the samples at the model's rate
    /// @throws IllegalArgumentException if the wave is too short or not stereo, or its rate cannot be converted
    public Tensor of(Tensor wave, int sampleRate) {
        return of(wave, sampleRate, TracedSteps.UNSEEN);
    }

    /// Makes the spectrogram and hands the wave at the model's rate to `trace`, which must copy it to keep it.
    public Tensor of(Tensor wave, int sampleRate, BiConsumer<String, Tensor> trace) {
        wave.requireShape("waveform", Tensor.ANY, config.spectrogramChannels(), Tensor.ANY);
        requireEnough(SincResampler.resampledLength(wave.size(2), sampleRate, config.sampleRate()));
        long border = config.fftLength() / 2;
        try (TensorScope scope = TensorScope.open()) {
            Tensor resampled = SincResampler.resample(wave.to(Device.CPU, TYPE), sampleRate, config.sampleRate());
            trace.accept("waveform", resampled);
            return scope.keep(frames.of(resampled.pad("reflect", border, border)));
        }
    }

    /// The wave is continued beyond its ends by its reflection, half a frame long.
    private void requireEnough(long samples) {
        long least = config.fftLength() / 2 + 1;
        if (samples < least) {
            throw new IllegalArgumentException("sound of %d samples at %d Hz, expected at least %d (%.3f s)"
                    .formatted(samples, config.sampleRate(), least, (double) least / config.sampleRate()));
        }
    }

    /// The discrete Fourier transform of a frame under a periodic Hann window: cosines, then negative sines.
    private static double[] windowedFourier(int fft) {
        int bins = fft / 2 + 1;
        double[] matrix = new double[2 * bins * fft];
        for (int sample = 0; sample < fft; sample++) {
            double window = 0.5 - 0.5 * Math.cos(2 * Math.PI * sample / fft);
            for (int bin = 0; bin < bins; bin++) {
                double angle = 2 * Math.PI * ((long) bin * sample % fft) / fft;
                matrix[bin * fft + sample] = window * Math.cos(angle);
                matrix[(bins + bin) * fft + sample] = -window * Math.sin(angle);
            }
        }
        return matrix;
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }
}
