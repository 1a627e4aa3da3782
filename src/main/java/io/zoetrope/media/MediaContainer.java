package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.AVSEEK_FLAG_BACKWARD;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_find_input_format;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_seek_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_TIME_BASE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set_int;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.PointerPointer;

/// A file opened for reading: streams, and packets for their decoders.
final class MediaContainer implements AutoCloseable {

    /// A decoder of sound needs some blocks to get going, so it starts so much before what is asked for, seconds.
    private static final double RUN_UP = 1;

    private final NativeOwner owner = new NativeOwner();
    private final Path file;
    private final AVFormatContext container;

    MediaContainer(Path file, MediaKind kind, MediaLimits limits) throws IOException {
        this.file = file;
        container = owner.own(new AVFormatContext(null), c -> avformat_close_input(c));
        try {
            open(kind);
            findStreams(limits);
        } catch (IOException | RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    Optional<AVStream> bestStream(int type) {
        int index = av_find_best_stream(container, type, -1, -1, (AVCodec) null, 0);
        return index < 0 ? Optional.empty() : Optional.of(container.streams(index));
    }

    /// Goes to a place from which everything from `start` on can be decoded.
    void seek(double start) throws IOException {
        if (start > RUN_UP) {
            long place = (long) ((start - RUN_UP) * AV_TIME_BASE);
            Ffmpeg.check(av_seek_frame(container, -1, place, AVSEEK_FLAG_BACKWARD), "find a place in", file);
        }
    }

    /// Hands packets out until the file ends or every decoder has enough.
    void decode(List<TrackDecoder> decoders) throws IOException {
        AVPacket packet = owner.own(Ffmpeg.checkAllocated(av_packet_alloc(), "a packet"), p -> av_packet_free(p));
        while (!decoders.stream().allMatch(TrackDecoder::hasEnough)) {
            int code = av_read_frame(container, packet);
            if (code == AVERROR_EOF()) {
                for (TrackDecoder decoder : decoders) {
                    decoder.finish();
                }
                return;
            }
            Ffmpeg.check(code, "read", file);
            if ((packet.flags() & AV_PKT_FLAG_CORRUPT) != 0) {
                throw new IOException("cannot read %s: damaged or cut off".formatted(file));
            }
            for (TrackDecoder decoder : decoders) {
                if (decoder.streamIndex() == packet.stream_index() && !decoder.hasEnough()) {
                    decoder.decode(packet);
                }
            }
            av_packet_unref(packet);
        }
    }

    @Override
    public void close() {
        owner.close();
    }

    private void open(MediaKind kind) throws IOException {
        AVDictionary options = new AVDictionary(null);
        try {
            Ffmpeg.check(av_dict_set(options, "protocol_whitelist", "file", 0), "open", file);
            var format = av_find_input_format(kind.demuxer());
            Ffmpeg.check(avformat_open_input(container, Ffmpeg.url(file), format, options), "open", file);
        } finally {
            av_dict_free(options);
        }
    }

    /// Looking for streams may decode pictures already, for which the limits hold too.
    private void findStreams(MediaLimits limits) throws IOException {
        int streams = container.nb_streams();
        try (PointerPointer<AVDictionary> options = new PointerPointer<>(Math.max(1, streams))) {
            for (int stream = 0; stream < streams; stream++) {
                AVDictionary option = new AVDictionary(null);
                long most = TrackDecoder.mostPixels(limits);
                Ffmpeg.check(av_dict_set_int(option, "max_pixels", most, 0), "read the streams of", file);
                options.put(stream, option);
            }
            try {
                Ffmpeg.check(avformat_find_stream_info(container, options), "read the streams of", file);
            } finally {
                for (int stream = 0; stream < streams; stream++) {
                    AVDictionary left = options.get(AVDictionary.class, stream);
                    if (left != null) {
                        av_dict_free(left);
                    }
                }
            }
        }
    }
}
