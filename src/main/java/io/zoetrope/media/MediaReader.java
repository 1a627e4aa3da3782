package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_find_input_format;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_AUDIO;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.PointerScope;

/// Reads MP4, PNG, JPEG and WAV: pictures come as RGB, uint8 `[F, H, W, 3]`, sound as float32 `[channels, S]` at
/// its
/// own rate. Sizes are checked before memory is taken; a damaged file is an error and not a partial result.
/// Rotation
/// marks and colour profiles are not applied.
public final class MediaReader {

    private final MediaLimits limits;

    public MediaReader(MediaLimits limits) {
        this.limits = limits;
    }

    /// Reads the best video stream and the best sound stream of `file`.
    ///
    /// @throws IOException if the file is missing, damaged, of an unknown kind or beyond the limits; names the file
    public DecodedMedia decode(Path file) throws IOException {
        MediaKind kind = MediaKind.of(file);
        NativeOwner memory = new NativeOwner();
        try (var owner = new NativeOwner();
                var _ = new PointerScope()) {
            AVFormatContext container = open(file, kind, owner);
            return decode(file, kind, container, owner, memory);
        } catch (IOException | RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    private static AVFormatContext open(Path file, MediaKind kind, NativeOwner owner) throws IOException {
        AVFormatContext container = owner.own(new AVFormatContext(null), c -> avformat_close_input(c));
        AVDictionary options = new AVDictionary(null);
        try {
            Ffmpeg.check(av_dict_set(options, "protocol_whitelist", "file", 0), "open", file);
            String url = Ffmpeg.url(file);
            var format = av_find_input_format(kind.demuxer());
            Ffmpeg.check(avformat_open_input(container, url, format, options), "open", file);
        } finally {
            av_dict_free(options);
        }
        Ffmpeg.check(avformat_find_stream_info(container, (AVDictionary) null), "read the streams of", file);
        return container;
    }

    private DecodedMedia decode(
            Path file, MediaKind kind, AVFormatContext container, NativeOwner owner, NativeOwner memory)
            throws IOException {
        Optional<AVStream> video = bestStream(container, AVMEDIA_TYPE_VIDEO);
        Optional<AVStream> sound = bestStream(container, AVMEDIA_TYPE_AUDIO);
        if (video.isEmpty() && sound.isEmpty()) {
            throw new IOException("cannot read %s: neither picture nor sound in it".formatted(file));
        }
        List<TrackDecoder> decoders = new ArrayList<>();
        PictureStore pictures = null;
        TrackDecoder videoDecoder = null;
        if (video.isPresent()) {
            pictures = pictureStore(video.get(), file, owner, memory);
            videoDecoder = decoder(video.get(), pictures, file, owner);
            decoders.add(videoDecoder);
        }
        SampleStore samples = null;
        TrackDecoder soundDecoder = null;
        if (sound.isPresent()) {
            samples = sampleStore(sound.get(), file, owner);
            soundDecoder = decoder(sound.get(), samples, file, owner);
            decoders.add(soundDecoder);
        }
        readPackets(container, decoders, file, owner);
        Optional<VideoTrack> videoTrack = Optional.empty();
        if (videoDecoder != null) {
            double seconds = kind.isStill() ? 0 : seconds(video.get());
            videoTrack = Optional.of(pictures.track(videoDecoder, frameRate(video.get(), kind, file), seconds));
        }
        Optional<SoundTrack> soundTrack = Optional.empty();
        if (soundDecoder != null) {
            NativeBuffer planar = memory.own(new NativeBuffer(), NativeBuffer::close);
            soundTrack = Optional.of(samples.track(soundDecoder, announcedSamples(sound.get()), planar));
        }
        return new DecodedMedia(file, videoTrack, soundTrack, memory);
    }

    private PictureStore pictureStore(AVStream stream, Path file, NativeOwner owner, NativeOwner memory)
            throws IOException {
        long announced = Math.max(0, stream.nb_frames());
        var parameters = stream.codecpar();
        PictureStore.requireWithinLimits(parameters.width(), parameters.height(), announced, limits, file);
        NativeBuffer pixels = memory.own(new NativeBuffer(), NativeBuffer::close);
        return owner.own(new PictureStore(pixels, limits, announced, file), PictureStore::close);
    }

    private SampleStore sampleStore(AVStream stream, Path file, NativeOwner owner) throws IOException {
        SampleStore.requireWithinLimits(
                announcedSamples(stream)
                        * Math.max(1, stream.codecpar().ch_layout().nb_channels()),
                limits,
                file);
        return owner.own(new SampleStore(limits, file), SampleStore::close);
    }

    private TrackDecoder decoder(AVStream stream, TrackDecoder.FrameSink sink, Path file, NativeOwner owner)
            throws IOException {
        return owner.own(new TrackDecoder(stream, limits.pixelsPerFrame(), sink, file), TrackDecoder::close);
    }

    private static void readPackets(
            AVFormatContext container, List<TrackDecoder> decoders, Path file, NativeOwner owner) throws IOException {
        AVPacket packet = owner.own(Ffmpeg.checkAllocated(av_packet_alloc(), "a packet"), p -> av_packet_free(p));
        int code;
        while ((code = av_read_frame(container, packet)) >= 0) {
            if ((packet.flags() & AV_PKT_FLAG_CORRUPT) != 0) {
                throw new IOException("cannot read %s: damaged or cut off".formatted(file));
            }
            for (TrackDecoder decoder : decoders) {
                if (decoder.streamIndex() == packet.stream_index()) {
                    decoder.decode(packet);
                }
            }
            av_packet_unref(packet);
        }
        if (code != AVERROR_EOF()) {
            Ffmpeg.check(code, "read", file);
        }
        for (TrackDecoder decoder : decoders) {
            decoder.finish();
        }
    }

    private static Optional<AVStream> bestStream(AVFormatContext container, int type) {
        int index = av_find_best_stream(container, type, -1, -1, (AVCodec) null, 0);
        return index < 0 ? Optional.empty() : Optional.of(container.streams(index));
    }

    private static Optional<FrameRate> frameRate(AVStream stream, MediaKind kind, Path file) throws IOException {
        if (kind.isStill()) {
            return Optional.empty();
        }
        AVRational rate = stream.avg_frame_rate();
        try {
            return Optional.of(new FrameRate(rate.num(), rate.den()));
        } catch (IllegalArgumentException e) {
            throw new IOException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static double seconds(AVStream stream) {
        AVRational unit = stream.time_base();
        return stream.duration() == AV_NOPTS_VALUE ? 0 : (double) stream.duration() * unit.num() / unit.den();
    }

    private static long announcedSamples(AVStream stream) {
        return Math.max(0, Math.round(seconds(stream) * stream.codecpar().sample_rate()));
    }
}
