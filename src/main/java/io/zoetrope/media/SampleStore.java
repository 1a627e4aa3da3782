package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_CHANNEL_ORDER_UNSPEC;
import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLT;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_uninit;
import static org.bytedeco.ffmpeg.global.avutil.av_opt_set_double;
import static org.bytedeco.ffmpeg.global.swresample.swr_alloc_set_opts2;
import static org.bytedeco.ffmpeg.global.swresample.swr_convert;
import static org.bytedeco.ffmpeg.global.swresample.swr_free;
import static org.bytedeco.ffmpeg.global.swresample.swr_init;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVChannelLayout;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swresample.SwrContext;
import org.bytedeco.javacpp.PointerPointer;

/// Collects the decoded sound of a span of time as float samples of one or two channels.
final class SampleStore implements TrackDecoder.FrameSink, AutoCloseable {

    private static final int MOST_CHANNELS = 2;
    private static final long UNLIMITED = Long.MAX_VALUE;

    private final NativeOwner owner = new NativeOwner();
    private final NativeBuffer interleaved = owner.own(new NativeBuffer(), NativeBuffer::close);
    private final AVStream stream;
    private final TimeSpan span;
    private final MediaLimits limits;
    private final Path file;
    private SwrContext converter;
    private int storedChannels;
    private int channels;
    private int sampleRate;
    private int format;
    private long toSkip; // samples per channel
    private long toKeep; // samples per channel

    SampleStore(AVStream stream, TimeSpan span, MediaLimits limits, Path file) {
        this.stream = stream;
        this.span = span;
        this.limits = limits;
        this.file = file;
    }

    /// Refuses what is too long, by the file's own word, before anything is decoded.
    static void requireWithinLimits(long samples, MediaLimits limits, Path file) throws IOException {
        if (samples > limits.samples()) {
            throw new IOException("cannot read %s: more than %d samples of sound, the most allowed"
                    .formatted(file, limits.samples()));
        }
    }

    @Override
    public void accept(AVFrame frame, double seconds) throws IOException {
        int found = frame.ch_layout().nb_channels();
        if (converter == null) {
            open(frame);
            cut(seconds);
        } else if (found != storedChannels || frame.sample_rate() != sampleRate || frame.format() != format) {
            throw new IOException("cannot read %s: the sound changes from %d channels at %d Hz to %d channels at %d Hz"
                    .formatted(file, storedChannels, sampleRate, found, frame.sample_rate()));
        }
        try (Arena arena = Arena.ofConfined()) {
            long sampleBytes = (long) Float.BYTES * channels;
            MemorySegment block = arena.allocate(sampleBytes * frame.nb_samples(), Float.BYTES);
            MemorySegment planes = arena.allocate(ValueLayout.ADDRESS);
            planes.set(ValueLayout.ADDRESS, 0, block);
            var output = new PointerPointer<>(new Address(planes));
            int count = swr_convert(converter, output, frame.nb_samples(), frame.extended_data(), frame.nb_samples());
            Ffmpeg.check(count, "convert the sound of", file);
            long skipped = Math.min(toSkip, count);
            long kept = Math.min(toKeep, count - skipped);
            requireWithinLimits((length() + kept) * channels, limits, file);
            interleaved.append(sampleBytes * kept).copyFrom(block.asSlice(sampleBytes * skipped, sampleBytes * kept));
            toSkip -= skipped;
            toKeep -= kept;
        }
    }

    @Override
    public boolean hasEnough() {
        return !span.isWhole() && converter != null && toKeep == 0;
    }

    /// Samples per channel so far.
    long length() {
        return channels == 0 ? 0 : interleaved.size() / Float.BYTES / channels;
    }

    /// Everything that was collected, channel after channel, in memory of `planar`.
    SoundTrack track(TrackDecoder decoder, NativeBuffer planar) throws IOException {
        if (converter == null) {
            throw new IOException("cannot read %s: no sound in it could be decoded".formatted(file));
        }
        if (length() == 0 && !span.isWhole()) {
            throw new IOException("cannot read %s: no sound in %s; it lasts %.3f s"
                    .formatted(file, span, StreamTimes.seconds(stream)));
        }
        int length = Math.toIntExact(length());
        MemorySegment source = interleaved.first(interleaved.size());
        MemorySegment target = planar.append((long) Float.BYTES * channels * length);
        for (int channel = 0; channel < channels; channel++) {
            for (long index = 0; index < length; index++) {
                float sample = source.getAtIndex(ValueLayout.JAVA_FLOAT, index * channels + channel);
                target.setAtIndex(ValueLayout.JAVA_FLOAT, (long) channel * length + index, sample);
            }
        }
        return new SoundTrack(
                new Sound(target, channels, length, sampleRate), decoder.codecName(), decoder.profileName());
    }

    @Override
    public void close() {
        owner.close();
    }

    private void open(AVFrame frame) throws IOException {
        storedChannels = frame.ch_layout().nb_channels();
        channels = Math.min(storedChannels, MOST_CHANNELS);
        sampleRate = frame.sample_rate();
        format = frame.format();
        converter = owner.own(new SwrContext(null), c -> swr_free(c));
        AVChannelLayout source = frame.ch_layout();
        AVChannelLayout target = source;
        if (storedChannels > MOST_CHANNELS) {
            // Without a layout there are no weights; the usual one for so many channels stands in.
            source = source.order() == AV_CHANNEL_ORDER_UNSPEC ? usualLayout(storedChannels) : source;
            target = usualLayout(MOST_CHANNELS);
        }
        int code = swr_alloc_set_opts2(
                converter, target, AV_SAMPLE_FMT_FLT, sampleRate, source, format, sampleRate, 0, null);
        Ffmpeg.check(code, "convert the sound of", file);
        // Loud channels together must not exceed full scale.
        Ffmpeg.check(av_opt_set_double(converter, "rematrix_maxval", 1, 0), "convert the sound of", file);
        Ffmpeg.check(swr_init(converter), "convert the sound of", file);
    }

    /// What to leave out before and after, told by the time of the first sample. A last block may be longer than the
    /// sound; what it adds is cut off.
    private void cut(double first) {
        toSkip = Math.max(0, (long) Math.rint((span.start() - first) * sampleRate));
        double duration = span.duration() * sampleRate;
        toKeep = duration < UNLIMITED ? (long) Math.rint(duration) : UNLIMITED;
        long announced = StreamTimes.announcedSamples(stream, TimeSpan.WHOLE);
        if (announced > 0) {
            double missed = span.isWhole() ? 0 : first - StreamTimes.start(stream);
            long before = (long) Math.rint(missed * sampleRate);
            toKeep = Math.clamp(announced - before - toSkip, 0, toKeep);
        }
    }

    private AVChannelLayout usualLayout(int count) {
        AVChannelLayout layout = owner.own(new AVChannelLayout(), l -> {
            av_channel_layout_uninit(l);
            l.close();
        });
        av_channel_layout_default(layout, count);
        return layout;
    }
}
