package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avutil.av_color_primaries_name;
import static org.bytedeco.ffmpeg.global.avutil.av_color_range_name;
import static org.bytedeco.ffmpeg.global.avutil.av_color_space_name;
import static org.bytedeco.ffmpeg.global.avutil.av_color_transfer_name;
import static org.bytedeco.ffmpeg.global.avutil.av_get_pix_fmt_name;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/// Collects the decoded pictures of a span of time as RGB, upright.
final class PictureStore implements TrackDecoder.FrameSink, AutoCloseable {

    /// How the pictures were stored, from the first of them.
    private record Origin(
            int width,
            int height,
            int format,
            String pixelFormat,
            String colorSpace,
            String primaries,
            String transfer,
            String range) {

        static Origin of(AVFrame frame) {
            return new Origin(
                    frame.width(),
                    frame.height(),
                    frame.format(),
                    TrackDecoder.name(av_get_pix_fmt_name(frame.format())),
                    TrackDecoder.name(av_color_space_name(frame.colorspace())),
                    TrackDecoder.name(av_color_primaries_name(frame.color_primaries())),
                    TrackDecoder.name(av_color_transfer_name(frame.color_trc())),
                    TrackDecoder.name(av_color_range_name(frame.color_range())));
        }

        long pixels() {
            return (long) width * height;
        }
    }

    private final NativeBuffer pixels;
    private final Orientation orientation;
    private final TimeSpan span;
    private final MediaLimits limits;
    private final long announcedFrames;
    private final Path file;
    private final NativeOwner owner = new NativeOwner();
    private Origin origin;
    private PixelConverter converter;
    private MemorySegment unturned;
    private final List<Double> times = new ArrayList<>();
    private boolean enough;

    /// @param announcedFrames as the file says, 0 if it does not say
    PictureStore(
            NativeBuffer pixels,
            Orientation orientation,
            TimeSpan span,
            MediaLimits limits,
            long announcedFrames,
            Path file) {
        this.pixels = pixels;
        this.orientation = orientation;
        this.span = span;
        this.limits = limits;
        this.announcedFrames = announcedFrames;
        this.file = file;
    }

    /// Refuses what is too large, by the file's own word, before anything is decoded.
    static void requireWithinLimits(int width, int height, long frames, MediaLimits limits, Path file)
            throws IOException {
        long pixels = (long) width * height;
        if (pixels > limits.pixelsPerFrame()) {
            throw new IOException("cannot read %s: pictures of %dx%d pixels, at most %d pixels are allowed"
                    .formatted(file, width, height, limits.pixelsPerFrame()));
        }
        if (frames > limits.frames()) {
            throw new IOException(
                    "cannot read %s: more than %d frames, the most allowed".formatted(file, limits.frames()));
        }
        if (pixels > 0 && frames > limits.pixels() / pixels) {
            throw new IOException("cannot read %s: %d frames of %dx%d pixels, at most %d pixels in all are allowed"
                    .formatted(file, frames, width, height, limits.pixels()));
        }
    }

    @Override
    public void accept(AVFrame frame, double seconds) throws IOException {
        if (!span.contains(seconds)) {
            enough |= seconds >= span.end();
            return;
        }
        Origin found = Origin.of(frame);
        requireWithinLimits(found.width(), found.height(), times.size() + 1L, limits, file);
        if (origin == null) {
            begin(found, frame);
        } else if (!origin.equals(found)) {
            throw new IOException("cannot read %s: the pictures change from %s to %s".formatted(file, origin, found));
        }
        converter.toRgb(frame, unturned);
        ColorProfile.of(frame).ifPresent(profile -> profile.toStandard(unturned));
        orientation.turn(unturned, origin.height(), origin.width(), pixels.append(3 * origin.pixels()));
        times.add(seconds);
    }

    @Override
    public boolean hasEnough() {
        return enough;
    }

    /// Everything that was collected.
    VideoTrack track(TrackDecoder decoder, AVStream stream, MediaKind kind) throws IOException {
        if (times.isEmpty()) {
            throw new IOException(
                    span.isWhole()
                            ? "cannot read %s: no picture in it could be decoded".formatted(file)
                            : "cannot read %s: no picture in %s; it lasts %.3f s"
                                    .formatted(file, span, StreamTimes.seconds(stream)));
        }
        Optional<StreamTimes.Rate> rate =
                kind.isStill() ? Optional.empty() : Optional.of(StreamTimes.rate(stream, times, file));
        int height = orientation.isSideways() ? origin.width() : origin.height();
        int width = orientation.isSideways() ? origin.height() : origin.width();
        return new VideoTrack(
                new RgbFrames(pixels.first(pixels.size()), times.size(), height, width),
                rate.map(StreamTimes.Rate::rate),
                rate.map(StreamTimes.Rate::constant).orElse(true),
                List.copyOf(times),
                kind.isStill() ? 0 : StreamTimes.seconds(stream),
                decoder.codecName(),
                decoder.profileName(),
                origin.pixelFormat(),
                origin.colorSpace(),
                origin.primaries(),
                origin.transfer(),
                origin.range());
    }

    @Override
    public void close() {
        owner.close();
    }

    @SuppressWarnings("MustBeClosedChecker") // the owner closes the arena
    private void begin(Origin found, AVFrame frame) throws IOException {
        origin = found;
        converter =
                owner.own(PixelConverter.frameToRgb(frame, PixelConverter.Manner.FINE, file), PixelConverter::close);
        unturned = owner.own(Arena.ofShared(), Arena::close).allocate(3 * origin.pixels());
        pixels.reserve(3 * origin.pixels() * Math.max(1, announcedFrames));
    }
}
