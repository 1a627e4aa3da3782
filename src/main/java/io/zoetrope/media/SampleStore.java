package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLT;
import static org.bytedeco.ffmpeg.global.swresample.swr_alloc_set_opts2;
import static org.bytedeco.ffmpeg.global.swresample.swr_convert;
import static org.bytedeco.ffmpeg.global.swresample.swr_free;
import static org.bytedeco.ffmpeg.global.swresample.swr_init;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swresample.SwrContext;
import org.bytedeco.javacpp.PointerPointer;

/// Collects decoded sound as float samples.
final class SampleStore implements TrackDecoder.FrameSink, AutoCloseable {

    private final NativeOwner owner = new NativeOwner();
    private final NativeBuffer interleaved = owner.own(new NativeBuffer(), NativeBuffer::close);
    private final MediaLimits limits;
    private final Path file;
    private SwrContext converter;
    private int channels;
    private int sampleRate;
    private int format;

    SampleStore(MediaLimits limits, Path file) {
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
    public void accept(AVFrame frame) throws IOException {
        int found = frame.ch_layout().nb_channels();
        long size = (long) Float.BYTES * found * frame.nb_samples();
        // The last block may be longer than the sound.
        requireWithinLimits(interleaved.size() / Float.BYTES, limits, file);
        if (converter == null) {
            open(frame);
        } else if (found != channels || frame.sample_rate() != sampleRate || frame.format() != format) {
            throw new IOException("cannot read %s: the sound changes from %d channels at %d Hz to %d channels at %d Hz"
                    .formatted(file, channels, sampleRate, found, frame.sample_rate()));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment planes = arena.allocate(ValueLayout.ADDRESS);
            planes.set(ValueLayout.ADDRESS, 0, interleaved.append(size));
            var output = new PointerPointer<>(new Address(planes));
            int count = swr_convert(converter, output, frame.nb_samples(), frame.extended_data(), frame.nb_samples());
            Ffmpeg.check(count, "convert the sound of", file);
        }
    }

    /// Everything that was collected, channel after channel, in memory of `planar`.
    ///
    /// @param announced samples per channel as the file says, 0 if it does not; what a last block adds is cut off
    SoundTrack track(TrackDecoder decoder, long announced, NativeBuffer planar) throws IOException {
        if (converter == null) {
            throw new IOException("cannot read %s: no sound in it could be decoded".formatted(file));
        }
        long decoded = interleaved.size() / Float.BYTES / channels;
        int length = Math.toIntExact(announced > 0 ? Math.min(announced, decoded) : decoded);
        requireWithinLimits((long) length * channels, limits, file);
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
        channels = frame.ch_layout().nb_channels();
        sampleRate = frame.sample_rate();
        format = frame.format();
        converter = owner.own(new SwrContext(null), c -> swr_free(c));
        int code = swr_alloc_set_opts2(
                converter,
                frame.ch_layout(),
                AV_SAMPLE_FMT_FLT,
                sampleRate,
                frame.ch_layout(),
                format,
                sampleRate,
                0,
                null);
        Ffmpeg.check(code, "convert the sound of", file);
        Ffmpeg.check(swr_init(converter), "convert the sound of", file);
    }
}
