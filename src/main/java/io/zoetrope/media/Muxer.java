package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set_int;
import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_EAGAIN;

import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;

/// Puts the packets of encoders into an MP4 whose index comes first, so that it plays while it loads.
final class Muxer implements AutoCloseable {

    /// Encoders' common flag: codec parameters go to the index of the file instead of into every packet.
    static final int ENCODER_FLAGS = AV_CODEC_FLAG_GLOBAL_HEADER;

    private final NativeOwner owner = new NativeOwner();
    private final Path file;
    private final AVFormatContext container;
    private final AVIOContext output;
    private final AVPacket packet;

    /// @param path where to write
    /// @param file what to call it in messages
    Muxer(Path path, Path file) throws IOException {
        this.file = file;
        container = owner.own(new AVFormatContext(null), c -> avformat_free_context(c));
        output = owner.own(new AVIOContext(null), io -> avio_closep(io));
        packet = owner.own(Ffmpeg.checkAllocated(av_packet_alloc(), "a packet"), p -> av_packet_free(p));
        try {
            String url = Ffmpeg.url(path);
            Ffmpeg.check(avformat_alloc_output_context2(container, null, "mp4", url), "write", file);
            Ffmpeg.check(avio_open(output, url, AVIO_FLAG_WRITE), "write", file);
            container.pb(output);
            // No version numbers and dates in the file: equal input gives equal bytes.
            container.flags(container.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
            // Packets wait, however long, until every stream has one: all frames come before the sound.
            container.max_interleave_delta(0);
        } catch (IOException | RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    /// Adds a stream for what `encoder` will give.
    AVStream addStream(AVCodecContext encoder) throws IOException {
        AVStream stream = Ffmpeg.checkAllocated(avformat_new_stream(container, null), "a stream");
        Ffmpeg.check(avcodec_parameters_from_context(stream.codecpar(), encoder), "describe a stream of", file);
        stream.time_base(encoder.time_base());
        stream.avg_frame_rate(encoder.framerate());
        return stream;
    }

    /// To be called once, when all streams are there.
    ///
    /// @param clock ticks per second in which the index tells how long each stream is shown
    void writeHeader(int clock) throws IOException {
        AVDictionary options = new AVDictionary(null);
        try {
            Ffmpeg.check(av_dict_set(options, "movflags", "+faststart", 0), "write", file);
            Ffmpeg.check(av_dict_set_int(options, "movie_timescale", clock, 0), "write", file);
            Ffmpeg.check(avformat_write_header(container, options), "write the header of", file);
        } finally {
            av_dict_free(options);
        }
    }

    /// Writes whatever packets `encoder` has ready.
    ///
    /// @param frameDuration of a packet that brings no duration, in the time base of the encoder
    void writePackets(AVCodecContext encoder, AVStream stream, long frameDuration) throws IOException {
        while (true) {
            int code = avcodec_receive_packet(encoder, packet);
            if (code == AVERROR_EAGAIN() || code == AVERROR_EOF()) {
                return;
            }
            Ffmpeg.check(code, "encode", file);
            if (packet.duration() == 0) {
                packet.duration(frameDuration);
            }
            av_packet_rescale_ts(packet, encoder.time_base(), stream.time_base());
            packet.stream_index(stream.index());
            Ffmpeg.check(av_interleaved_write_frame(container, packet), "write", file);
        }
    }

    /// Moves the index to the front. A full disk may show as late as here.
    void writeTrailer() throws IOException {
        Ffmpeg.check(av_write_trailer(container), "write the index of", file);
        Ffmpeg.check(output.error(), "write", file);
        Ffmpeg.check(avio_closep(output), "write", file);
    }

    @Override
    public void close() {
        owner.close();
    }
}
