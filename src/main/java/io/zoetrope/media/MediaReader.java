package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_AUDIO;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.javacpp.PointerScope;

/// Reads MP4, PNG, JPEG, WebP and WAV: pictures come as RGB, uint8 `[F, H, W, 3]`, sound as float32 `[channels, S]`
/// at its own rate, with one or two channels.
///
/// Pictures come upright, by the notes of the camera; transparency is dropped; colours of still pictures with a
/// profile are brought to sRGB. Of more than two channels, two are made by FFmpeg's usual weights. Sizes are checked
/// before memory is taken; a damaged file is an error and not a partial result.
public final class MediaReader {

    private final MediaLimits limits;

    public MediaReader(MediaLimits limits) {
        this.limits = limits;
    }

    /// Reads the best video stream and the best sound stream of `file`.
    ///
    /// @throws IOException if the file is missing, damaged, of an unknown kind or beyond the limits; names the file
    public DecodedMedia decode(Path file) throws IOException {
        return decode(file, TimeSpan.WHOLE);
    }

    /// Reads a part of the best video stream and of the best sound stream of `file`: the frames whose time lies in
    /// `span`, and the samples from `round(start · rate)` on, `round(duration · rate)` of them, or as many as there
    /// are. A still picture has time 0. Sound that ends before the span is left out, if there are pictures.
    ///
    /// @throws IOException if the file is missing, damaged, of an unknown kind or beyond the limits, or if nothing
    ///                     in it lies in the span; names the file
    public DecodedMedia decode(Path file, TimeSpan span) throws IOException {
        MediaKind kind = MediaKind.of(file, limits);
        NativeOwner memory = new NativeOwner();
        try (var _ = new PointerScope();
                var container = new MediaContainer(file, kind, limits);
                var owner = new NativeOwner()) {
            return decode(file, kind, span, container, owner, memory);
        } catch (IOException | RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    private DecodedMedia decode(
            Path file, MediaKind kind, TimeSpan span, MediaContainer container, NativeOwner owner, NativeOwner memory)
            throws IOException {
        Optional<AVStream> video = container.bestStream(AVMEDIA_TYPE_VIDEO);
        Optional<AVStream> sound = container.bestStream(AVMEDIA_TYPE_AUDIO);
        if (video.isEmpty() && sound.isEmpty()) {
            throw new IOException("cannot read %s: neither picture nor sound in it".formatted(file));
        }
        List<TrackDecoder> decoders = new ArrayList<>();
        PictureStore pictures = null;
        TrackDecoder videoDecoder = null;
        if (video.isPresent()) {
            pictures = pictureStore(video.get(), kind, span, file, owner, memory);
            videoDecoder = decoder(video.get(), pictures, file, owner);
            decoders.add(videoDecoder);
        }
        SampleStore samples = null;
        TrackDecoder soundDecoder = null;
        if (sound.isPresent()) {
            samples = sampleStore(sound.get(), span, file, owner);
            soundDecoder = decoder(sound.get(), samples, file, owner);
            decoders.add(soundDecoder);
        }
        container.seek(span.start());
        container.decode(decoders);
        Optional<VideoTrack> videoTrack = Optional.empty();
        if (videoDecoder != null) {
            videoTrack = Optional.of(pictures.track(videoDecoder, video.get(), kind));
        }
        Optional<SoundTrack> soundTrack = Optional.empty();
        if (soundDecoder != null && (videoTrack.isEmpty() || span.isWhole() || samples.length() > 0)) {
            soundTrack = Optional.of(samples.track(soundDecoder, memory.own(new NativeBuffer(), NativeBuffer::close)));
        }
        return new DecodedMedia(file, videoTrack, soundTrack, memory);
    }

    private PictureStore pictureStore(
            AVStream stream, MediaKind kind, TimeSpan span, Path file, NativeOwner owner, NativeOwner memory)
            throws IOException {
        long announced = StreamTimes.announcedFrames(stream, span);
        var parameters = stream.codecpar();
        PictureStore.requireWithinLimits(parameters.width(), parameters.height(), announced, limits, file);
        StreamTimes.requireWithinLimits(stream, span, limits, file);
        Orientation orientation = kind.isStill() ? Exif.orientation(file, kind) : Orientation.of(stream);
        NativeBuffer pixels = memory.own(new NativeBuffer(), NativeBuffer::close);
        return owner.own(new PictureStore(pixels, orientation, span, limits, announced, file), PictureStore::close);
    }

    private SampleStore sampleStore(AVStream stream, TimeSpan span, Path file, NativeOwner owner) throws IOException {
        long channels = Math.max(1, stream.codecpar().ch_layout().nb_channels());
        long announced = StreamTimes.announcedSamples(stream, span);
        SampleStore.requireWithinLimits(Math.multiplyExact(announced, channels), limits, file);
        StreamTimes.requireWithinLimits(stream, span, limits, file);
        return owner.own(new SampleStore(stream, span, limits, file), SampleStore::close);
    }

    private TrackDecoder decoder(AVStream stream, TrackDecoder.FrameSink sink, Path file, NativeOwner owner)
            throws IOException {
        return owner.own(new TrackDecoder(stream, limits, sink, file), TrackDecoder::close);
    }
}
