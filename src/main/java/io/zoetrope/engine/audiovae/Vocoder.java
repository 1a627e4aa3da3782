package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.function.BiConsumer;

/// Log mel spectrograms to waveforms.
public final class Vocoder {

    private final VocoderConfig config;
    private final Generator generator;
    private final BandwidthExtension extension; // null in 2.0
    private final DataType type;

    private Vocoder(VocoderConfig config, Generator generator, BandwidthExtension extension, DataType type) {
        this.config = config;
        this.generator = generator;
        this.extension = extension;
        this.type = type;
    }

    /// @param melBins of the spectrograms
    /// @param weights at `vocoder`
    public static Vocoder load(VocoderConfig config, int melBins, Weights weights) {
        DataType type = config.computesIn(weights.type());
        return switch (config) {
            case VocoderConfig.HifiGan hifiGan ->
                new Vocoder(config, Generator.load(hifiGan.generator(), melBins, type, weights), null, type);
            case VocoderConfig.BandwidthExtended extended ->
                new Vocoder(
                        config,
                        Generator.load(extended.generator(), melBins, type, weights.under("vocoder")),
                        BandwidthExtension.load(extended, type, weights),
                        type);
        };
    }

    public VocoderConfig config() {
        return config;
    }

    /// @param mel log mel `[B, 2, T, mel bins]`
    /// @return waveform in [-1, 1], `[B, 2, T · samples per frame]`, in the spectrogram's type
    public Tensor synthesise(Tensor mel) {
        return synthesise(mel, TracedSteps.UNSEEN);
    }

    /// Synthesises and hands intermediate results to `trace`, which must copy what it wants to keep.
    public Tensor synthesise(Tensor mel, BiConsumer<String, Tensor> trace) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor input = mel.to(type);
            if (extension == null) {
                return scope.keep(generator.forward(input, trace).to(mel.type()));
            }
            Tensor narrow = generator.forward(input, (name, tensor) -> trace.accept("vocoder." + name, tensor));
            trace.accept("stage1_waveform", narrow);
            return scope.keep(extension.forward(narrow, trace).to(mel.type()));
        }
    }
}
