package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.function.BiConsumer;

/// From a waveform to one of a higher rate: what interpolation gives, and what a generator adds above its band.
///
///     wave [B, 2, N] ─┬─ mel ─ generator ─(+)─ clamp ─ [B, 2, ratio · N]
///                     └─ interpolation ────┘
final class BandwidthExtension {

    private final VocoderConfig.BandwidthExtended config;
    private final CausalMel mel;
    private final Generator generator;
    private final SincResampler interpolation;

    private BandwidthExtension(
            VocoderConfig.BandwidthExtended config, CausalMel mel, Generator generator, SincResampler interpolation) {
        this.config = config;
        this.mel = mel;
        this.generator = generator;
        this.interpolation = interpolation;
    }

    static BandwidthExtension load(VocoderConfig.BandwidthExtended config, DataType type, Weights weights) {
        return new BandwidthExtension(
                config,
                CausalMel.load(config, type, weights.under("mel_stft")),
                Generator.load(config.extension(), config.melBins(), type, weights.under("bwe_generator")),
                interpolation(config, type, weights));
    }

    /// @param wave `[B, 2, N]`
    Tensor forward(Tensor wave, BiConsumer<String, Tensor> trace) {
        try (TensorScope scope = TensorScope.open()) {
            long samples = wave.size(2);
            long beyond = samples % config.hopLength();
            Tensor whole = beyond == 0 ? wave : wave.pad("constant", 0, config.hopLength() - beyond);
            Tensor residual =
                    generator.forward(mel.of(whole), (name, tensor) -> trace.accept("bwe_generator." + name, tensor));
            trace.accept("bwe_generator", residual);
            Tensor skip = interpolation.forward(whole);
            trace.accept("resampler", skip);
            return scope.keep(residual.plus(skip).clamp(-1, 1).narrow(2, 0, samples * config.ratio()));
        }
    }

    /// Its taps are computed, and live as long as the weights.
    private static SincResampler interpolation(VocoderConfig.BandwidthExtended config, DataType type, Weights weights) {
        try (TensorScope _ = TensorScope.open()) {
            SincResampler interpolation = SincResampler.of(
                    config.inputRate(), config.sampleRate(), SincResampler.Edge.LAST_SAMPLE, type, weights.device());
            weights.derived(interpolation.taps());
            return interpolation;
        }
    }
}
