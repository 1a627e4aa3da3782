package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLTP;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.PointerScope;

/// Float samples to AAC. Pieces of any length come in; the encoder is fed blocks of its own length, the last one
/// short.
final class SoundEncoder implements AutoCloseable {

    private static final String CODEC = "aac";
    private static final long BIT_RATE_PER_CHANNEL = 96_000;

    /// AAC cannot spend more than 6 bits on a sample.
    private static final long MOST_BITS_PER_SAMPLE = 6;

    private final NativeOwner owner = new NativeOwner();
    private final Path file;
    private final SoundFormat format;
    private final Muxer muxer;
    private final AVCodecContext encoder;
    private final AVStream stream;
    private final AVFrame block;
    private final int blockLength;
    private int filled;
    private long encoded;

    SoundEncoder(SoundFormat format, Muxer muxer, Path file) throws IOException {
        this.format = format;
        this.muxer = muxer;
        this.file = file;
        try (var _ = new PointerScope()) {
            AVCodec codec = Ffmpeg.encoder(CODEC);
            encoder = owner.own(
                    Ffmpeg.checkAllocated(avcodec_alloc_context3(codec), "an encoder"), c -> avcodec_free_context(c));
            encoder.sample_fmt(AV_SAMPLE_FMT_FLTP).sample_rate(format.sampleRate());
            encoder.time_base(av_make_q(1, format.sampleRate())).thread_count(1);
            encoder.bit_rate(
                    format.channels() * Math.min(BIT_RATE_PER_CHANNEL, MOST_BITS_PER_SAMPLE * format.sampleRate()));
            encoder.flags(encoder.flags() | Muxer.ENCODER_FLAGS);
            av_channel_layout_default(encoder.ch_layout(), format.channels());
            Ffmpeg.check(avcodec_open2(encoder, codec, (AVDictionary) null), "open the AAC encoder for", file);
            stream = muxer.addStream(encoder);
            blockLength = encoder.frame_size();
            block = owner.own(Ffmpeg.checkAllocated(av_frame_alloc(), "a block of sound"), f -> av_frame_free(f));
            block.format(AV_SAMPLE_FMT_FLTP).nb_samples(blockLength).sample_rate(format.sampleRate());
            av_channel_layout_default(block.ch_layout(), format.channels());
            Ffmpeg.check(av_frame_get_buffer(block, 0), "allocate sound of", file);
        } catch (IOException | RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    /// Samples per channel that were taken so far.
    long samples() {
        return encoded + filled;
    }

    void write(Sound sound) throws IOException {
        int taken = 0;
        while (taken < sound.length()) {
            if (filled == 0) {
                Ffmpeg.check(av_frame_make_writable(block), "allocate sound of", file);
            }
            int count = Math.min(blockLength - filled, sound.length() - taken);
            for (int channel = 0; channel < format.channels(); channel++) {
                copy(sound, channel, taken, count);
            }
            taken += count;
            filled += count;
            if (filled == blockLength) {
                encodeBlock();
            }
        }
    }

    void finish() throws IOException {
        if (filled > 0) {
            encodeBlock();
        }
        Ffmpeg.check(avcodec_send_frame(encoder, null), "encode the end of the sound of", file);
        muxer.writePackets(encoder, stream, blockLength);
    }

    @Override
    public void close() {
        owner.close();
    }

    private void copy(Sound sound, int channel, int first, int count) {
        MemorySegment plane = Address.segment(block.data(channel), (long) Float.BYTES * blockLength);
        for (int index = 0; index < count; index++) {
            float sample = sound.sample(channel, first + index);
            if (Float.isNaN(sample)) {
                throw new IllegalArgumentException(
                        "sound of %s: sample %d of channel %d is not a number".formatted(file, first + index, channel));
            }
            plane.setAtIndex(ValueLayout.JAVA_FLOAT, filled + index, Math.clamp(sample, -1f, 1f));
        }
    }

    private void encodeBlock() throws IOException {
        block.nb_samples(filled).pts(encoded);
        Ffmpeg.check(avcodec_send_frame(encoder, block), "encode the sound of", file);
        encoded += filled;
        filled = 0;
        muxer.writePackets(encoder, stream, blockLength);
    }
}
