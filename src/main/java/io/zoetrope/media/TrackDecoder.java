package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_EF_CRCCHECK;
import static org.bytedeco.ffmpeg.global.avcodec.AV_EF_EXPLODE;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_profile_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_EAGAIN;

import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;

/// Decodes one stream of a file, packet by packet. What becomes of a frame is told by the caller.
final class TrackDecoder implements AutoCloseable {

    /// Where decoded frames go, in the order of their times.
    interface FrameSink {

        /// Takes a frame in; it is gone afterwards.
        ///
        /// @param seconds its time; 0 if it has none
        void accept(AVFrame frame, double seconds) throws IOException;

        /// Whether later frames are of no interest.
        boolean hasEnough();
    }

    /// Decoders count rows with their padding: up to 64 pixels each, for as many rows as a JPEG can have.
    private static final long MOST_PADDING = 64L << 16;

    private final NativeOwner owner = new NativeOwner();
    private final Path file;
    private final AVStream stream;
    private final AVCodecContext decoder;
    private final AVFrame frame;
    private final MediaLimits limits;
    private final FrameSink sink;

    TrackDecoder(AVStream stream, MediaLimits limits, FrameSink sink, Path file) throws IOException {
        this.file = file;
        this.stream = stream;
        this.limits = limits;
        this.sink = sink;
        AVCodec codec = avcodec_find_decoder(stream.codecpar().codec_id());
        if (codec == null || codec.isNull()) {
            throw new IOException("cannot read %s: no decoder for %s".formatted(file, codecName()));
        }
        decoder = owner.own(
                Ffmpeg.checkAllocated(avcodec_alloc_context3(codec), "a decoder"), c -> avcodec_free_context(c));
        frame = owner.own(av_frame_alloc(), f -> av_frame_free(f));
        try {
            Ffmpeg.checkAllocated(frame, "a frame");
            Ffmpeg.check(avcodec_parameters_to_context(decoder, stream.codecpar()), "read the format of", file);
            decoder.pkt_timebase(stream.time_base());
            // What is damaged is refused rather than guessed at, and what is too large before memory is taken for it.
            decoder.err_recognition(decoder.err_recognition() | AV_EF_EXPLODE | AV_EF_CRCCHECK);
            decoder.max_pixels(mostPixels(limits));
            decoder.thread_count(1);
            Ffmpeg.check(avcodec_open2(decoder, codec, (AVDictionary) null), "open the decoder of", file);
        } catch (IOException | RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    /// What a decoder may count as pixels of one picture.
    static long mostPixels(MediaLimits limits) {
        return limits.pixelsPerFrame() + MOST_PADDING;
    }

    int streamIndex() {
        return stream.index();
    }

    boolean hasEnough() {
        return sink.hasEnough();
    }

    String codecName() {
        return name(avcodec_get_name(stream.codecpar().codec_id()));
    }

    String profileName() {
        return name(avcodec_profile_name(stream.codecpar().codec_id(), decoder.profile()));
    }

    /// Decodes one packet.
    void decode(AVPacket packet) throws IOException {
        check(avcodec_send_packet(decoder, packet));
        receiveFrames();
    }

    /// Decodes what the decoder has kept back, after the last packet.
    void finish() throws IOException {
        Ffmpeg.check(avcodec_send_packet(decoder, null), "decode the end of", file);
        receiveFrames();
    }

    @Override
    public void close() {
        owner.close();
    }

    /// A name of FFmpeg's, `unknown` if it has none.
    static String name(BytePointer name) {
        return name == null || name.isNull() ? "unknown" : name.getString();
    }

    /// Decoders do not tell a picture that is too large from one that makes no sense.
    private void check(int code) throws IOException {
        boolean picture = stream.codecpar().codec_type() == AVMEDIA_TYPE_VIDEO;
        if (code < 0 && picture && decoder.width() == 0) {
            throw new IOException("cannot decode %s: damaged, or more pixels in a picture than the %d that are allowed"
                    .formatted(file, limits.pixelsPerFrame()));
        }
        Ffmpeg.check(code, "decode", file);
    }

    private void receiveFrames() throws IOException {
        while (true) {
            int code = avcodec_receive_frame(decoder, frame);
            if (code == AVERROR_EAGAIN() || code == AVERROR_EOF()) {
                return;
            }
            check(code);
            if ((frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0 || frame.decode_error_flags() != 0) {
                throw new IOException("cannot decode %s: damaged data".formatted(file));
            }
            sink.accept(frame, StreamTimes.seconds(stream, frame.best_effort_timestamp()));
            av_frame_unref(frame);
        }
    }
}
