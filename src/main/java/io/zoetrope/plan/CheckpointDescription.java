package io.zoetrope.plan;

import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.audiovae.AudioVaeConfig;
import io.zoetrope.engine.audiovae.VocoderConfig;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.text.GemmaConfig;
import io.zoetrope.engine.text.GemmaFolder;
import io.zoetrope.engine.text.TextEncoder;
import io.zoetrope.engine.text.TextEncoderConfig;
import io.zoetrope.engine.transformer.TransformerConfig;
import io.zoetrope.engine.videovae.VideoVaeConfig;
import io.zoetrope.request.Pipeline;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Reads from a model's files what the planner must know about it. No network is built.
public final class CheckpointDescription {

    private static final String TRANSFORMER = "model.diffusion_model.";

    private CheckpointDescription() {}

    /// @param name registered name
    /// @param type in which the weights will lie in memory
    /// @throws CheckpointException if the files are not those of a model
    public static ModelDescription read(String name, ModelFiles files, DataType type) {
        return read(name, files, type, Integer.MAX_VALUE);
    }

    /// @param name           registered name
    /// @param type           in which the weights will lie in memory
    /// @param residentBlocks of the transformer that are on the device at once
    /// @throws CheckpointException if the files are not those of a model
    public static ModelDescription read(String name, ModelFiles files, DataType type, int residentBlocks) {
        try (Checkpoint checkpoint = files.openCheckpoint()) {
            return read(name, files, checkpoint, files.openGemma(), type, residentBlocks);
        }
    }

    private static ModelDescription read(
            String name,
            ModelFiles files,
            Checkpoint checkpoint,
            GemmaFolder gemma,
            DataType type,
            int residentBlocks) {
        try (Checkpoint language = Checkpoint.open(gemma.weights())) {
            var config = checkpoint.config();
            var transformer = TransformerConfig.of(ConfigSection.of("transformer", config.path("transformer")));
            return new ModelDescription(
                    name,
                    checkpoint.metadata().getOrDefault("model_version", ""),
                    ModelDigest.of(Stream.concat(files.checkpoint().stream(), gemma.files().stream())
                            .toList()),
                    pipelines(files),
                    text(
                            gemma.config(),
                            TextEncoderConfig.of(ConfigSection.of("transformer", config.path("transformer")))),
                    transformer(transformer),
                    video(VideoVaeConfig.of(ConfigSection.of("vae", config.path("vae")))),
                    audio(
                            AudioVaeConfig.of(ConfigSection.of("audio_vae", config.path("audio_vae"))),
                            VocoderConfig.of(ConfigSection.of("vocoder", config.path("vocoder")))),
                    weights(checkpoint, language, type, absent(checkpoint, type, transformer.blocks(), residentBlocks)),
                    Companions.upsamplers(files, type),
                    Companions.loras(files, type));
        }
    }

    /// A second phase needs an upsampler; whether a LoRA for it is there, the model's defaults say.
    private static Set<Pipeline> pipelines(ModelFiles files) {
        return files.upsamplers().isEmpty() ? EnumSet.of(Pipeline.ONE_STAGE) : EnumSet.allOf(Pipeline.class);
    }

    private static ModelDescription.Text text(GemmaConfig gemma, TextEncoderConfig encoder) {
        return new ModelDescription.Text(
                TextEncoder.SLOTS,
                gemma.width(),
                gemma.layers().size(),
                gemma.heads(),
                gemma.innerWidth(),
                encoder.video().width(),
                encoder.audio().width());
    }

    private static ModelDescription.Transformer transformer(TransformerConfig config) {
        return new ModelDescription.Transformer(
                config.video().width(), config.audio().width(), config.blocks(), config.textIndependentOfStep());
    }

    private static ModelDescription.Video video(VideoVaeConfig config) {
        return new ModelDescription.Video(
                config.latentChannels(),
                config.spatialScale(),
                config.temporalScale(),
                config.smallestSide() * config.spatialScale(),
                config.patchSize(),
                config.baseChannels());
    }

    private static ModelDescription.Audio audio(AudioVaeConfig config, VocoderConfig vocoder) {
        return new ModelDescription.Audio(
                config.latentChannels(),
                config.latentBins(),
                (double) config.sampleRate() / config.hopLength() / config.timeScale(),
                config.timeScale(),
                vocoder.samplesPerFrame(),
                vocoder.sampleRate(),
                Math.max(config.widestElementsPerMelFrame(), vocoder.widestElementsPerMelFrame()));
    }

    /// Of the blocks that are not on the device.
    private static ModelDescription.Streamed absent(
            Checkpoint checkpoint, DataType type, int blocks, int residentBlocks) {
        ModelDescription.Streamed all = streamed(checkpoint, TRANSFORMER + "transformer_blocks.", type);
        long absent = Math.max(0, blocks - residentBlocks);
        return new ModelDescription.Streamed(all.bytes() / blocks * absent, all.asStored() / blocks * absent);
    }

    private static ModelDescription.Weights weights(
            Checkpoint checkpoint, Checkpoint language, DataType type, ModelDescription.Streamed absent) {
        ModelDescription.Streamed connectors = streamed(checkpoint, TRANSFORMER + "video_embeddings_connector.", type)
                .plus(streamed(checkpoint, TRANSFORMER + "audio_embeddings_connector.", type));
        long encoders = bytes(checkpoint, "vae.encoder.", type) + bytes(checkpoint, "audio_vae.encoder.", type);
        return new ModelDescription.Weights(
                streamed(language, "", type)
                        .plus(streamed(checkpoint, "text_embedding_projection.", type))
                        .plus(connectors)
                        .plus(new ModelDescription.Streamed(encoders, 0)),
                streamed(checkpoint, TRANSFORMER, type).minus(connectors).minus(absent),
                bytes(checkpoint, "vae.decoder.", type)
                        + bytes(checkpoint, "audio_vae.decoder.", type)
                        + bytes(checkpoint, "vocoder.", vocoderType(checkpoint, type)));
    }

    private static DataType vocoderType(Checkpoint checkpoint, DataType type) {
        return VocoderConfig.of(ConfigSection.of("vocoder", checkpoint.config().path("vocoder")))
                .computesIn(type);
    }

    private static ModelDescription.Streamed streamed(Checkpoint checkpoint, String prefix, DataType type) {
        return new ModelDescription.Streamed(
                bytes(checkpoint, prefix, type, _ -> true), bytes(checkpoint, prefix, type, type::equals));
    }

    private static long bytes(Checkpoint checkpoint, String prefix, DataType type) {
        return bytes(checkpoint, prefix, type, _ -> true);
    }

    /// @param stored the types in the file of the tensors that count
    private static long bytes(Checkpoint checkpoint, String prefix, DataType type, Predicate<DataType> stored) {
        return checkpoint.entries().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .map(Map.Entry::getValue)
                .filter(entry -> stored.test(entry.type()))
                .mapToLong(entry -> entry.shape().stream().reduce(1L, (a, b) -> a * b) * type.bytes())
                .sum();
    }
}
