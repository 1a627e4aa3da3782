package io.zoetrope.worker;

import io.zoetrope.engine.Clip;
import io.zoetrope.media.ClipFormat;
import io.zoetrope.media.ContactSheet;
import io.zoetrope.media.FrameRate;
import io.zoetrope.media.Mp4Writer;
import io.zoetrope.media.RgbFrames;
import io.zoetrope.media.Sound;
import io.zoetrope.media.SoundFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The engine's clips as files.
public final class ClipFiles {

    private ClipFiles() {}

    /// H.264 and AAC in an MP4.
    ///
    /// @param fps Hz
    public static void writeVideo(Clip clip, double fps, Path file) throws IOException {
        RgbFrames frames = frames(clip);
        Sound sound = sound(clip);
        ClipFormat format = ClipFormat.withSound(
                frames.width(),
                frames.height(),
                FrameRate.of(fps),
                new SoundFormat(sound.channels(), sound.sampleRate()));
        try (Mp4Writer writer = Mp4Writer.open(file, format)) {
            writer.writeFrames(frames);
            writer.writeSound(sound);
            writer.finish();
        }
    }

    /// All frames, or an even selection of them, in one PNG.
    public static void writeContactSheet(Clip clip, Path file) throws IOException {
        ContactSheet.write(file, frames(clip));
    }

    /// A view of the clip's frames, valid as long as its tensors.
    public static RgbFrames frames(Clip clip) {
        return new RgbFrames(
                clip.frames().memory(),
                size(clip.frames().size(0)),
                size(clip.frames().size(1)),
                size(clip.frames().size(2)));
    }

    /// A view of the clip's samples, valid as long as its tensors.
    public static Sound sound(Clip clip) {
        return new Sound(
                clip.samples().memory(),
                size(clip.samples().size(0)),
                size(clip.samples().size(1)),
                clip.sampleRate());
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
