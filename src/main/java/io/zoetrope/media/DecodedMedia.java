package io.zoetrope.media;

import java.nio.file.Path;
import java.util.Optional;

/// What was in a file. Owns the memory of its frames and samples: they are gone when this is closed.
public final class DecodedMedia implements AutoCloseable {

    private final Path file;
    private final Optional<VideoTrack> video;
    private final Optional<SoundTrack> sound;
    private final NativeOwner memory;

    DecodedMedia(Path file, Optional<VideoTrack> video, Optional<SoundTrack> sound, NativeOwner memory) {
        this.file = file;
        this.video = video;
        this.sound = sound;
        this.memory = memory;
    }

    public Path file() {
        return file;
    }

    /// The moving pictures of a clip, or the one picture of a PNG or JPEG.
    public Optional<VideoTrack> video() {
        return video;
    }

    public Optional<SoundTrack> sound() {
        return sound;
    }

    @Override
    public void close() {
        memory.close();
    }
}
