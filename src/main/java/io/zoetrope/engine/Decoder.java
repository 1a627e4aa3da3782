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
import io.zoetrope.engine.videovae.ChunkSink;
import io.zoetrope.engine.videovae.ColourLevels;
import io.zoetrope.engine.videovae.Tiling;
import io.zoetrope.engine.videovae.VideoDecoder;
import io.zoetrope.engine.videovae.VideoVaeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/// Third stage: latents to frames and samples.
public final class Decoder implements AutoCloseable {

    private static final BiConsumer<String, Tensor> NO_TRACE = (_, _) -> {};

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

    /// Decodes a clip whose frames leave as soon as they are final: of a tiled clip, never more than the tiles of one
    /// stretch of time are in memory.
    ///
    /// @param latents without video there are no frames
    /// @param noise   for decoders that inject some; null otherwise
    /// @param tiling  of the picture; null to decode it in one piece
    /// @param frames  takes all frames before the sound is made
    /// @return the sound, which belongs to the caller's scope
    /// @throws IOException whatever `frames` throws; nothing of the decoding stays in memory then
    public Waveform decode(Latents latents, RandomStream noise, Tiling tiling, FrameSink frames) throws IOException {
        return decode(latents, noise, tiling, frames, NO_TRACE);
    }

    /// A short clip in one piece.
    ///
    /// @param noise for decoders that inject some; null otherwise
    public Clip decode(Latents latents, RandomStream noise) {
        return decode(latents, noise, NO_TRACE);
    }

    /// Decodes and hands the spectrogram to `trace`, which must copy it to keep it.
    public Clip decode(Latents latents, RandomStream noise, BiConsumer<String, Tensor> trace) {
        List<Tensor> pieces = new ArrayList<>();
        try (TensorScope scope = TensorScope.open()) {
            Waveform sound = decode(
                    latents, noise, null, piece -> pieces.add(piece.copy().retain()), trace);
            Tensor frames = pieces.isEmpty() ? null : scope.keep(Tensor.concatenate(0, pieces.toArray(Tensor[]::new)));
            return new Clip(frames, scope.keep(sound.samples()), sound.sampleRate());
        } catch (IOException e) {
            throw new UncheckedIOException("frames were kept in memory, yet: " + e.getMessage(), e);
        } finally {
            pieces.forEach(Tensor::close);
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    private Waveform decode(
            Latents latents, RandomStream noise, Tiling tiling, FrameSink frames, BiConsumer<String, Tensor> trace)
            throws IOException {
        if (latents.video() != null) {
            decodePicture(latents.video(), noise, tiling, frames);
        }
        frames.between();
        return decodeSound(latents.audio(), frames, trace);
    }

    /// The picture alone.
    ///
    /// @param latent `[1, C, F, H, W]`
    /// @throws IOException whatever `frames` throws
    public void decodePicture(Tensor latent, RandomStream noise, Tiling tiling, FrameSink frames) throws IOException {
        try (TensorScope _ = TensorScope.open()) {
            video.<IOException>decode(latent.to(device), noise, tiling == null ? Tiling.WHOLE : tiling, chunks(frames));
        }
    }

    private Waveform decodeSound(Tensor latent, FrameSink frames, BiConsumer<String, Tensor> trace) throws IOException {
        try (TensorScope scope = TensorScope.open()) {
            Tensor mel = audio.decode(latent.to(device));
            trace.accept("mel", mel);
            frames.between();
            Tensor samples = vocoder.synthesise(mel)
                    .select(0, 0)
                    .to(Device.CPU, DataType.FLOAT32)
                    .clamp(-1, 1)
                    .contiguous();
            return new Waveform(scope.keep(samples), sampleRate());
        }
    }

    private static ChunkSink<IOException> chunks(FrameSink frames) {
        return new ChunkSink<>() {
            @Override
            public void accept(Tensor chunk) throws IOException {
                ColourLevels.inPieces(chunk, frames::accept);
            }

            @Override
            public void between() throws IOException {
                frames.between();
            }
        };
    }
}
