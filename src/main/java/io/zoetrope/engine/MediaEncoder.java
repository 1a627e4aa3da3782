package io.zoetrope.engine;

import io.zoetrope.engine.audiovae.AudioEncoder;
import io.zoetrope.engine.audiovae.AudioVaeConfig;
import io.zoetrope.engine.audiovae.MelSpectrogram;
import io.zoetrope.engine.audiovae.SoundLength;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.Tiling;
import io.zoetrope.engine.videovae.VideoEncoder;
import io.zoetrope.engine.videovae.VideoVaeConfig;

/// Given pictures and sounds to latents, for the second stage.
public final class MediaEncoder implements AutoCloseable {

    private final TensorArena arena;
    private final VideoEncoder video;
    private final AudioVaeConfig audioConfig;
    private final AudioEncoder audio;
    private final MelSpectrogram mel;
    private final Device device;
    private final DataType type;

    private MediaEncoder(
            TensorArena arena,
            VideoEncoder video,
            AudioVaeConfig audioConfig,
            AudioEncoder audio,
            MelSpectrogram mel,
            Device device,
            DataType type) {
        this.arena = arena;
        this.video = video;
        this.audioConfig = audioConfig;
        this.audio = audio;
        this.mel = mel;
        this.device = device;
        this.type = type;
    }

    /// @param checkpoint must stay open as long as the encoder
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public static MediaEncoder load(Checkpoint checkpoint, Device device, DataType type) {
        TensorArena arena = new TensorArena();
        try {
            var config = checkpoint.config();
            Weights root = Weights.of(checkpoint, device, type, arena);
            Weights videoWeights = root.under("vae");
            videoWeights.ignore("decoder.", "per_channel_statistics.");
            VideoEncoder video =
                    VideoEncoder.load(VideoVaeConfig.of(ConfigSection.of("vae", config.path("vae"))), videoWeights);
            videoWeights.finish("video encoder");
            AudioVaeConfig audioConfig = AudioVaeConfig.of(ConfigSection.of("audio_vae", config.path("audio_vae")));
            Weights audioWeights = root.under("audio_vae");
            audioWeights.ignore("decoder.");
            AudioEncoder audio = AudioEncoder.load(audioConfig, audioWeights);
            audioWeights.finish("audio encoder");
            return new MediaEncoder(
                    arena, video, audioConfig, audio, MelSpectrogram.of(audioConfig, arena), device, type);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// @param pixels float32 `[1, 3, F, H, W]` in [-1, 1]; frames beyond `8k + 1` are lost
    /// @return normalised, float32 `[1, C, f, h, w]`
    public Tensor pictures(Tensor pixels) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor whole = video.withoutIncompleteEnd(pixels.to(device, type));
            return scope.keep(video.encode(whole, Tiling.forEncoding()).to(DataType.FLOAT32));
        }
    }

    /// Whether a sound is long enough to be given as a whole.
    ///
    /// @throws IllegalArgumentException if it is not
    public void requireEnough(long samples, int sampleRate, int latentFrames) {
        SoundLength.requireEnough(audioConfig, samples, sampleRate, latentFrames);
    }

    /// @param samples      float32 `[1, 2, N]` in [-1, 1]
    /// @param sampleRate   Hz
    /// @param latentFrames length of the result: cut, or zeros at the end
    /// @return normalised, float32 `[1, Z, T, M]`
    public Tensor sound(Tensor samples, int sampleRate, int latentFrames) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor spectrum = mel.of(samples, sampleRate).to(device, type);
            Tensor latent = audio.encode(spectrum).to(DataType.FLOAT32);
            return scope.keep(SoundLength.fitted(latent, latentFrames).contiguous());
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
