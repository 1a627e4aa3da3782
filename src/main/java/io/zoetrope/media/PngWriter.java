package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.PointerScope;

/// Writes one RGB frame as PNG, without loss.
public final class PngWriter {

    private PngWriter() {}

    /// Writes frame `index` of `frames` to `file`, replacing what has that name.
    ///
    /// @throws IOException if the file cannot be written
    public static void write(Path file, RgbFrames frames, int index) throws IOException {
        try (var partial = new PartialFile(file);
                var owner = new NativeOwner();
                var _ = new PointerScope()) {
            AVPacket packet = encode(frames, index, owner, file);
            ByteBuffer bytes = Address.segment(packet.data(), packet.size()).asByteBuffer();
            try (var output = FileChannel.open(partial.path(), StandardOpenOption.WRITE)) {
                while (bytes.hasRemaining()) {
                    int _ = output.write(bytes);
                }
            } catch (IOException e) {
                throw new IOException("cannot write %s: %s".formatted(file, e.getMessage()), e);
            }
            partial.moveIntoPlace();
        }
    }

    private static AVPacket encode(RgbFrames frames, int index, NativeOwner owner, Path file) throws IOException {
        AVCodec codec = Ffmpeg.encoder("png");
        AVCodecContext encoder = owner.own(
                Ffmpeg.checkAllocated(avcodec_alloc_context3(codec), "an encoder"), c -> avcodec_free_context(c));
        encoder.width(frames.width()).height(frames.height()).pix_fmt(AV_PIX_FMT_RGB24);
        encoder.time_base(av_make_q(1, 1)).thread_count(1);
        Ffmpeg.check(avcodec_open2(encoder, codec, (AVDictionary) null), "open the PNG encoder for", file);
        AVFrame picture = owner.own(Ffmpeg.checkAllocated(av_frame_alloc(), "a frame"), f -> av_frame_free(f));
        picture.format(AV_PIX_FMT_RGB24).width(frames.width()).height(frames.height());
        Ffmpeg.check(av_frame_get_buffer(picture, 0), "allocate a frame of", file);
        copyRows(frames, index, picture);
        AVPacket packet = owner.own(Ffmpeg.checkAllocated(av_packet_alloc(), "a packet"), p -> av_packet_free(p));
        Ffmpeg.check(avcodec_send_frame(encoder, picture), "encode", file);
        Ffmpeg.check(avcodec_receive_packet(encoder, packet), "encode", file);
        return packet;
    }

    // The encoder's rows are padded.
    private static void copyRows(RgbFrames frames, int index, AVFrame picture) {
        long rowBytes = 3L * frames.width();
        long stride = picture.linesize(0);
        MemorySegment source = frames.frame(index);
        MemorySegment target = Address.segment(picture.data(0), stride * frames.height());
        for (int row = 0; row < frames.height(); row++) {
            MemorySegment.copy(source, row * rowBytes, target, row * stride, rowBytes);
        }
    }
}
