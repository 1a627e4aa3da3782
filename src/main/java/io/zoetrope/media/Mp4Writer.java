package io.zoetrope.media;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Writes one clip as MP4: H.264 High, 4:2:0, BT.709 limited range and tagged so, with AAC sound if there is
/// any. The index comes before the data, the file starts at time zero and its pictures last exactly frames /
/// frame rate.
///
/// ```java
/// try (var clip = Mp4Writer.open(file, format)) {
///     clip.writeFrames(frames);
///     clip.writeSound(sound);
///     clip.finish();
/// }
/// ```
///
/// Frames and sound may come in any number of pieces. The file appears under its name with [#finish]; closing before
/// that leaves nothing behind. Sound that is shorter or longer than the pictures is kept as it is. To be used by one
/// thread at a time.
public final class Mp4Writer implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(Mp4Writer.class.getName());

    private final Path file;
    private final ClipFormat format;
    private final PartialFile partial;
    private final NativeOwner owner = new NativeOwner();
    private final Muxer muxer;
    private final VideoEncoder video;
    private final Optional<SoundEncoder> sound;
    private boolean open = true;

    /// Starts a clip that will be `file`; what has that name is replaced in the end.
    ///
    /// @throws IOException if the folder is missing or cannot be written to
    public static Mp4Writer open(Path file, ClipFormat format) throws IOException {
        return new Mp4Writer(file, format);
    }

    private Mp4Writer(Path file, ClipFormat format) throws IOException {
        this.file = file;
        this.format = format;
        partial = new PartialFile(file);
        try {
            muxer = owner.own(new Muxer(partial.path(), file), Muxer::close);
            video = owner.own(new VideoEncoder(format, muxer, file), VideoEncoder::close);
            sound = format.sound().isEmpty()
                    ? Optional.empty()
                    : Optional.of(owner.own(new SoundEncoder(format.sound().get(), muxer, file), SoundEncoder::close));
            muxer.writeHeader(format.clock());
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /// Appends frames of the clip's size.
    public void writeFrames(RgbFrames frames) throws IOException {
        requireOpen();
        if (frames.width() != format.width() || frames.height() != format.height()) {
            throw new IllegalArgumentException("frames of %dx%d pixels for %s, expected %dx%d"
                    .formatted(frames.width(), frames.height(), file, format.width(), format.height()));
        }
        video.write(frames);
    }

    /// Appends sound. Samples beyond -1 and 1 are clipped.
    public void writeSound(Sound piece) throws IOException {
        requireOpen();
        SoundEncoder encoder = sound.orElseThrow(
                () -> new IllegalArgumentException("sound for %s, which was opened as a silent clip".formatted(file)));
        SoundFormat found = SoundFormat.of(piece);
        if (!format.sound().equals(Optional.of(found))) {
            throw new IllegalArgumentException("%s for %s, expected %s"
                    .formatted(found, file, format.sound().get()));
        }
        encoder.write(piece);
    }

    /// Completes the file and gives it its name.
    ///
    /// @throws IOException if it could not be written, for example because the disk is full
    public void finish() throws IOException {
        requireOpen();
        if (video.frames() == 0) {
            throw new IllegalStateException("no frames for %s".formatted(file));
        }
        if (sound.isPresent() && sound.get().samples() == 0) {
            throw new IllegalStateException("no sound for %s, which was opened with %s"
                    .formatted(file, format.sound().get()));
        }
        video.finish();
        if (sound.isPresent()) {
            sound.get().finish();
        }
        muxer.writeTrailer();
        partial.moveIntoPlace();
        LOGGER.log(System.Logger.Level.DEBUG, "wrote {0}: {1} frames as {2}", file, video.frames(), format);
        close();
    }

    /// Releases everything; without [#finish] the clip is given up.
    @Override
    public void close() throws IOException {
        open = false;
        owner.close();
        partial.close();
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the writer of %s is closed".formatted(file));
        }
    }
}
