package io.zoetrope.engine;

import io.zoetrope.engine.audiovae.AudioVaeConfig;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.latent.AudioShape;
import io.zoetrope.engine.latent.LatentScale;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.videovae.VideoVaeConfig;

/// How clips become latents in a model: what its networks have to agree on.
///
/// @param videoChannels     C of video latents
/// @param audioChannels     Z of audio latents
/// @param audioBins         M of audio latents
/// @param scale             from pixels and mel frames to latents
/// @param smallestSide      shortest side of a clip that can be decoded, pixels
public record ModelShape(int videoChannels, int audioChannels, int audioBins, LatentScale scale, int smallestSide) {

    public static ModelShape of(Checkpoint checkpoint) {
        var config = checkpoint.config();
        VideoVaeConfig video = VideoVaeConfig.of(ConfigSection.of("vae", config.path("vae")));
        AudioVaeConfig audio = AudioVaeConfig.of(ConfigSection.of("audio_vae", config.path("audio_vae")));
        return new ModelShape(
                video.latentChannels(),
                audio.latentChannels(),
                audio.latentBins(),
                new LatentScale(
                        video.temporalScale(),
                        video.spatialScale(),
                        audio.sampleRate(),
                        audio.hopLength(),
                        audio.timeScale()),
                video.smallestSide() * video.spatialScale());
    }

    /// @param frames pixel frames
    /// @param height pixels
    /// @param width  pixels
    public VideoShape video(int frames, int height, int width) {
        return VideoShape.of(videoChannels, frames, height, width, scale);
    }

    /// @param frames pixel frames
    /// @param fps    Hz
    public AudioShape audio(int frames, double fps) {
        return AudioShape.of(audioChannels, audioBins, frames, fps, scale);
    }
}
