package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.tensor.DataType;
import java.util.ArrayList;
import java.util.List;

/// The shape of a vocoder, from `config.vocoder` of a checkpoint. The entry `bwe` tells the two kinds apart.
public sealed interface VocoderConfig {

    /// The vocoder of 2.0: one generator.
    ///
    /// @param sampleRate of the waveform, Hz
    record HifiGan(GeneratorConfig generator, int sampleRate) implements VocoderConfig {

        @Override
        public int samplesPerFrame() {
            return generator.samplesPerFrame();
        }

        @Override
        public int widestElementsPerMelFrame() {
            return generator.widestElementsPerFrame();
        }

        @Override
        public DataType computesIn(DataType model) {
            return model;
        }
    }

    /// The vocoder of 2.3: a generator, and a second one that adds what lies above the first one's band.
    ///
    /// @param generator  mel frames to a waveform of the lower rate
    /// @param extension  the waveform's own mel frames to what it lacks at the higher rate
    /// @param inputRate  lower rate, Hz
    /// @param sampleRate of the waveform, Hz
    /// @param hopLength  samples of the lower rate from one of the extension's mel frames to the next
    /// @param fftLength  samples of the lower rate in a mel frame
    /// @param melBins    of the extension's mel frames
    record BandwidthExtended(
            GeneratorConfig generator,
            GeneratorConfig extension,
            int inputRate,
            int sampleRate,
            int hopLength,
            int fftLength,
            int melBins)
            implements VocoderConfig {

        /// Samples of the waveform for each one of the lower rate.
        int ratio() {
            return sampleRate / inputRate;
        }

        @Override
        public int samplesPerFrame() {
            return generator.samplesPerFrame() * ratio();
        }

        @Override
        public int widestElementsPerMelFrame() {
            int framesOfExtension = Math.ceilDiv(generator.samplesPerFrame(), hopLength);
            return OVERSAMPLING
                    * Math.max(
                            generator.widestElementsPerFrame(), framesOfExtension * extension.widestElementsPerFrame());
        }

        /// Errors of bfloat16 would be heard: they add up through some two hundred activations.
        @Override
        public DataType computesIn(DataType model) {
            return DataType.FLOAT32;
        }
    }

    /// Activations of [BandwidthExtended] work at twice the rate.
    int OVERSAMPLING = 2;

    /// Of the waveform, Hz.
    int sampleRate();

    /// Samples of a mel frame.
    int samplesPerFrame();

    /// Elements of the widest activation for each mel frame.
    int widestElementsPerMelFrame();

    /// The type in which the vocoder of a model computes.
    DataType computesIn(DataType model);

    /// @throws io.zoetrope.engine.checkpoint.CheckpointException for what the engine does not implement
    static VocoderConfig of(ConfigSection config) {
        return config.has("bwe")
                ? bandwidthExtended(config.section("vocoder"), config.section("bwe"))
                : new HifiGan(GeneratorConfig.hifiGan(config), positive(config, "output_sampling_rate", 24000));
    }

    private static BandwidthExtended bandwidthExtended(ConfigSection generator, ConfigSection extension) {
        BandwidthExtended read = new BandwidthExtended(
                GeneratorConfig.bigVgan(
                        generator,
                        new GeneratorConfig.Defaults(1536, List.of(5, 2, 2, 2, 2, 2), List.of(11, 4, 4, 4, 4, 4)),
                        false),
                GeneratorConfig.bigVgan(
                        extension,
                        new GeneratorConfig.Defaults(512, List.of(6, 5, 2, 2, 2), List.of(12, 11, 4, 4, 4)),
                        true),
                positive(extension, "input_sampling_rate", 16000),
                positive(extension, "output_sampling_rate", 48000),
                positive(extension, "hop_length", 80),
                positive(extension, "n_fft", 512),
                positive(extension, "num_mels", 64));
        List<String> problems = new ArrayList<>();
        if (read.sampleRate() % read.inputRate() != 0) {
            problems.add("output_sampling_rate is %d, expected a multiple of input_sampling_rate %d"
                    .formatted(read.sampleRate(), read.inputRate()));
        } else if (read.extension().samplesPerFrame() != (long) read.hopLength() * read.ratio()) {
            problems.add("upsample_rates is %s, expected a product of %d, hop_length times the ratio of the rates"
                    .formatted(read.extension().rates(), (long) read.hopLength() * read.ratio()));
        }
        if (read.fftLength() % 2 != 0) {
            problems.add("n_fft is %d, expected an even number".formatted(read.fftLength()));
        }
        if (!problems.isEmpty()) {
            throw extension.refusal(problems);
        }
        return read;
    }

    private static int positive(ConfigSection config, String key, int byDefault) {
        int value = config.integer(key, byDefault);
        if (value < 1) {
            throw config.refusal(key, value, "a number above 0");
        }
        return value;
    }
}
