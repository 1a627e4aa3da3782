package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU709;

import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.PointerScope;

/// RGB frames to H.264, High profile, BT.709.
final class VideoEncoder implements AutoCloseable {

    private static final String CODEC = "libopenh264";
    private static final int HIGH_PROFILE = 100;

    /// libopenh264 aims at a bit rate and knows no constant quality. So the quantizer is held in a band, and
    /// the rate is generous: so many bits per pixel, and no less than a floor that small pictures need for
    /// their headers.
    private static final int FINEST_QUANTIZER = 8;

    private static final int COARSEST_QUANTIZER = 24;
    private static final double BITS_PER_PIXEL = 0.25;
    private static final long LOWEST_BIT_RATE = 500_000;

    /// Players can seek to every key frame, seconds.
    private static final double KEY_FRAME_INTERVAL = 2;

    private final NativeOwner owner = new NativeOwner();
    private final Path file;
    private final ClipFormat format;
    private final Muxer muxer;
    private final AVCodecContext encoder;
    private final AVStream stream;
    private final AVFrame picture;
    private final PixelConverter converter;
    private long frames;

    VideoEncoder(ClipFormat format, Muxer muxer, Path file) throws IOException {
        this.format = format;
        this.muxer = muxer;
        this.file = file;
        try (var _ = new PointerScope()) {
            AVCodec codec = Ffmpeg.encoder(CODEC);
            encoder = owner.own(
                    Ffmpeg.checkAllocated(avcodec_alloc_context3(codec), "an encoder"), c -> avcodec_free_context(c));
            configure();
            Ffmpeg.check(avcodec_open2(encoder, codec, (AVDictionary) null), "open the H.264 encoder for", file);
            stream = muxer.addStream(encoder);
            picture = owner.own(Ffmpeg.checkAllocated(av_frame_alloc(), "a frame"), f -> av_frame_free(f));
            picture.format(AV_PIX_FMT_YUV420P).width(format.width()).height(format.height());
            picture.colorspace(AVCOL_SPC_BT709).color_primaries(AVCOL_PRI_BT709).color_trc(AVCOL_TRC_BT709);
            picture.color_range(AVCOL_RANGE_MPEG);
            Ffmpeg.check(av_frame_get_buffer(picture, 0), "allocate a frame of", file);
            converter = owner.own(
                    PixelConverter.rgbToYuv420(
                            format.width(), format.height(), SWS_CS_ITU709, PixelConverter.Manner.FINE, file),
                    PixelConverter::close);
        } catch (IOException | RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    long frames() {
        return frames;
    }

    void write(RgbFrames chunk) throws IOException {
        for (int index = 0; index < chunk.frames(); index++) {
            Ffmpeg.check(av_frame_make_writable(picture), "allocate a frame of", file);
            converter.fromRgb(chunk.frame(index), picture);
            picture.pts(frames++);
            Ffmpeg.check(avcodec_send_frame(encoder, picture), "encode a frame of", file);
            muxer.writePackets(encoder, stream, 1);
        }
    }

    void finish() throws IOException {
        Ffmpeg.check(avcodec_send_frame(encoder, null), "encode the last frame of", file);
        muxer.writePackets(encoder, stream, 1);
    }

    @Override
    public void close() {
        owner.close();
    }

    private void configure() {
        FrameRate rate = format.frameRate();
        encoder.width(format.width()).height(format.height()).pix_fmt(AV_PIX_FMT_YUV420P);
        encoder.time_base(av_make_q(rate.denominator(), rate.numerator()));
        encoder.framerate(av_make_q(rate.numerator(), rate.denominator()));
        encoder.sample_aspect_ratio(av_make_q(1, 1));
        encoder.color_range(AVCOL_RANGE_MPEG).colorspace(AVCOL_SPC_BT709);
        encoder.color_primaries(AVCOL_PRI_BT709).color_trc(AVCOL_TRC_BT709);
        encoder.profile(HIGH_PROFILE).qmin(FINEST_QUANTIZER).qmax(COARSEST_QUANTIZER);
        encoder.bit_rate(bitRate(format));
        encoder.gop_size((int) Math.ceil(KEY_FRAME_INTERVAL * rate.hertz()));
        encoder.max_b_frames(0).thread_count(1);
        encoder.flags(encoder.flags() | Muxer.ENCODER_FLAGS);
    }

    private static long bitRate(ClipFormat format) {
        double pixelsPerSecond =
                format.width() * format.height() * format.frameRate().hertz();
        return LOWEST_BIT_RATE + Math.round(BITS_PER_PIXEL * pixelsPerSecond);
    }
}
