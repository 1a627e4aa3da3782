package io.zoetrope.engine;

import io.zoetrope.engine.audiovae.AudioDecoder;
import io.zoetrope.engine.audiovae.AudioVaeConfig;
import io.zoetrope.engine.audiovae.Vocoder;
import io.zoetrope.engine.audiovae.VocoderConfig;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.ColourLevels;
import io.zoetrope.engine.videovae.VideoDecoder;
import io.zoetrope.engine.videovae.VideoVaeConfig;
import java.util.function.BiConsumer;

/// Third stage: latents to frames and samples.
public final class Decoder implements AutoCloseable {

    private final TensorArena arena;
    private final VideoDecoder video;
    private final AudioDecoder audio;
    private final Vocoder vocoder;
    private final Device device;

    private Decoder(TensorArena arena, VideoDecoder video, AudioDecoder audio, Vocoder vocoder, Device device) {
        this.arena = arena;
        this.video = video;
        this.audio = audio;
        this.vocoder = vocoder;
        this.device = device;
    }

    /// @param checkpoint must stay open as long as the decoder
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public static Decoder load(Checkpoint checkpoint, Device device, DataType type) {
        TensorArena arena = new TensorArena();
        try {
            var config = checkpoint.config();
            Weights root = Weights.of(checkpoint, device, type, arena);
            Weights videoWeights = root.under("vae");
            videoWeights.ignore("encoder.", "per_channel_statistics.");
            VideoDecoder video =
                    VideoDecoder.load(VideoVaeConfig.of(ConfigSection.of("vae", config.path("vae"))), videoWeights);
            videoWeights.finish("video decoder");
            AudioVaeConfig audioConfig = AudioVaeConfig.of(ConfigSection.of("audio_vae", config.path("audio_vae")));
            Weights audioWeights = root.under("audio_vae");
            audioWeights.ignore("encoder.");
            AudioDecoder audio = AudioDecoder.load(audioConfig, audioWeights);
            audioWeights.finish("audio decoder");
            Weights vocoderWeights = root.under("vocoder");
            Vocoder vocoder = Vocoder.load(
                    VocoderConfig.of(ConfigSection.of("vocoder", config.path("vocoder"))),
                    audioConfig.melBins(),
                    vocoderWeights);
            vocoderWeights.finish("vocoder");
            return new Decoder(arena, video, audio, vocoder, device);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    public int sampleRate() {
        return vocoder.config().sampleRate();
    }

    /// @param noise for decoders that inject some; null otherwise
    public Clip decode(Latents latents, RandomStream noise) {
        return decode(latents, noise, (_, _) -> {});
    }

    /// Decodes and hands the spectrogram to `trace`, which must copy it to keep it.
    public Clip decode(Latents latents, RandomStream noise, BiConsumer<String, Tensor> trace) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor frames = latents.video() == null ? null : frames(latents.video(), noise);
            Tensor mel = audio.decode(latents.audio().to(device));
            trace.accept("mel", mel);
            Tensor samples = vocoder.synthesise(mel)
                    .select(0, 0)
                    .to(Device.CPU, DataType.FLOAT32)
                    .clamp(-1, 1)
                    .contiguous();
            return new Clip(frames == null ? null : scope.keep(frames), scope.keep(samples), sampleRate());
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    /// The pixels are gone before the sound is made.
    private Tensor frames(Tensor latent, RandomStream noise) {
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(ColourLevels.of(video.decode(latent.to(device), noise)));
        }
    }
}
