package io.zoetrope.worker;

import io.zoetrope.engine.Decoder;
import io.zoetrope.engine.FrameSink;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.Waveform;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.videovae.Tiling;
import io.zoetrope.media.ClipFormat;
import io.zoetrope.media.FrameRate;
import io.zoetrope.media.Mp4Writer;
import io.zoetrope.media.RgbFrames;
import io.zoetrope.media.Sound;
import io.zoetrope.media.SoundFormat;
import io.zoetrope.media.WavWriter;
import io.zoetrope.plan.DecodeTiles;
import io.zoetrope.plan.GenerationPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The engine's clips as files.
public final class ClipFiles {

    private ClipFiles() {}

    /// Decodes a clip straight into an MP4 of H.264 and AAC: frames are encoded as they leave the decoder.
    ///
    /// @param latents of the clip, with video
    /// @param plan    says the size and the rate
    /// @param tiles   in which the picture is decoded; null to decode it as a whole
    /// @param given   the sound that the clip carries instead of its own; null for its own
    /// @param also    sees every frame too, and may end the decoding
    /// @return the clip's sound, which belongs to the caller's scope
    public static Waveform decodeVideo(
            Decoder decoder,
            Latents latents,
            GenerationPlan plan,
            DecodeTiles tiles,
            Waveform given,
            Path file,
            FrameSink also)
            throws IOException {
        ClipFormat format = ClipFormat.withSound(
                plan.video().width(),
                plan.video().height(),
                FrameRate.of(plan.video().fps()),
                new SoundFormat(Waveform.CHANNELS, given == null ? decoder.sampleRate() : given.sampleRate()));
        try (Mp4Writer writer = Mp4Writer.open(file, format)) {
            Tiling tiling = tiles == null ? null : tiles.tiling();
            Waveform made = decoder.decode(latents, null, tiling, new FrameSink() {
                @Override
                public void accept(Tensor frames) throws IOException {
                    writer.writeFrames(frames(frames));
                    also.accept(frames);
                }

                @Override
                public void between() throws IOException {
                    also.between();
                }
            });
            Waveform sound = given == null ? made : given;
            writer.writeSound(sound(sound));
            writer.finish();
            return sound;
        }
    }

    /// Decodes sound alone into a WAV.
    ///
    /// @return the sound, which belongs to the caller's scope
    public static Waveform decodeSound(Decoder decoder, Latents latents, Path file) throws IOException {
        Waveform sound = decoder.decode(latents, null, null, _ -> {});
        WavWriter.write(file, sound(sound));
        return sound;
    }

    /// Decodes sound alone into the bytes of a WAV, within the caller's scope.
    public static byte[] decodeSound(Decoder decoder, Latents latents) throws IOException {
        return WavWriter.bytes(sound(decoder.decode(latents, null, null, _ -> {})));
    }

    /// A view of frames.
    ///
    /// @param frames uint8 `[F, H, W, 3]`, contiguous on the CPU
    public static RgbFrames frames(Tensor frames) {
        return new RgbFrames(frames.memory(), size(frames.size(0)), size(frames.size(1)), size(frames.size(2)));
    }

    /// A view of the samples, valid as long as they are.
    public static Sound sound(Waveform sound) {
        return new Sound(
                sound.samples().memory(),
                size(sound.samples().size(0)),
                size(sound.samples().size(1)),
                sound.sampleRate());
    }

    static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(folder);
    }

    private static int size(long length) {
        return Math.toIntExact(length);
    }
}
