package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVRational;

/// The clock of a stream: what the file says about its length and rate.
final class StreamTimes {

    /// Times are rounded to ticks of the file's clock, or of a coarser one that the clip went through before: many
    /// files count milliseconds.
    private static final double COARSE_TICK = 0.001;

    /// This much more is floating-point, seconds.
    private static final double ROUNDING = 1e-9;

    private StreamTimes() {}

    /// The frame rate of a clip.
    ///
    /// @param rate     the one rate, or the mean of varying ones
    /// @param constant whether the frames come at that rate, to a tick of the file's clock or a millisecond
    record Rate(FrameRate rate, boolean constant) {}

    /// How long the stream lasts, as the file says; 0 if it does not, seconds.
    static double seconds(AVStream stream) {
        return stream.duration() == AV_NOPTS_VALUE ? 0 : Math.max(0, seconds(stream, stream.duration()));
    }

    /// When the stream begins, seconds.
    static double start(AVStream stream) {
        return stream.start_time() == AV_NOPTS_VALUE ? 0 : seconds(stream, stream.start_time());
    }

    /// `ticks` of the stream's clock in seconds; 0 for no time.
    static double seconds(AVStream stream, long ticks) {
        AVRational unit = stream.time_base();
        return ticks == AV_NOPTS_VALUE ? 0 : (double) ticks * unit.num() / unit.den();
    }

    /// How many frames the span takes by the file's own word; 0 if it does not say.
    static long announcedFrames(AVStream stream, TimeSpan span) {
        long frames = Math.max(0, stream.nb_frames());
        AVRational mean = stream.avg_frame_rate();
        if (span.isWhole() || mean.num() <= 0 || mean.den() <= 0) {
            return frames;
        }
        return Math.min(frames, (long) (span.duration() * mean.num() / mean.den()));
    }

    /// How many samples per channel the span takes by the file's own word; 0 if it does not say.
    static long announcedSamples(AVStream stream, TimeSpan span) {
        int rate = stream.codecpar().sample_rate();
        long samples = Math.max(0, Math.round(seconds(stream) * rate));
        return span.isWhole() ? samples : Math.min(samples, Math.round(span.duration() * rate));
    }

    /// Refuses what is too long, by the file's own word, before anything is decoded.
    static void requireWithinLimits(AVStream stream, TimeSpan span, MediaLimits limits, Path file) throws IOException {
        double asked = Math.min(span.duration(), seconds(stream) - span.start());
        if (asked > limits.seconds()) {
            throw new IOException(
                    "cannot read %s: %.3f s, at most %s s are allowed".formatted(file, asked, limits.seconds()));
        }
    }

    /// The rate of frames at `times`, seconds.
    static Rate rate(AVStream stream, List<Double> times, Path file) throws IOException {
        List<FrameRate> candidates = new ArrayList<>();
        of(stream.r_frame_rate()).ifPresent(candidates::add);
        Optional<FrameRate> mean = of(stream.avg_frame_rate());
        mean.ifPresent(rate -> candidates.addAll(List.of(rate, FrameRate.of(rate.hertz()))));
        for (FrameRate candidate : candidates) {
            if (fits(candidate, times, Math.max(COARSE_TICK, tick(stream)))) {
                return new Rate(candidate, true);
            }
        }
        return new Rate(
                mean.orElseThrow(() -> new IOException("cannot read %s: frame rate %d/%d Hz, expected %s to %s Hz"
                        .formatted(
                                file,
                                stream.avg_frame_rate().num(),
                                stream.avg_frame_rate().den(),
                                FrameRate.MINIMUM,
                                FrameRate.MAXIMUM))),
                false);
    }

    private static boolean fits(FrameRate rate, List<Double> times, double tick) {
        for (int frame = 0; frame < times.size(); frame++) {
            double expected = times.getFirst() + rate.seconds(frame);
            if (Math.abs(times.get(frame) - expected) > tick + ROUNDING) {
                return false;
            }
        }
        return true;
    }

    private static Optional<FrameRate> of(AVRational ratio) {
        try {
            return Optional.of(new FrameRate(ratio.num(), ratio.den()));
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // out of range, or unknown
        }
    }

    private static double tick(AVStream stream) {
        return (double) stream.time_base().num() / stream.time_base().den();
    }
}
