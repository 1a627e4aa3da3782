package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avutil.av_color_primaries_name;
import static org.bytedeco.ffmpeg.global.avutil.av_color_range_name;
import static org.bytedeco.ffmpeg.global.avutil.av_color_space_name;
import static org.bytedeco.ffmpeg.global.avutil.av_color_transfer_name;
import static org.bytedeco.ffmpeg.global.avutil.av_get_pix_fmt_name;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/// Collects decoded pictures as RGB.
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
    private final MediaLimits limits;
    private final long announcedFrames;
    private final Path file;
    private Origin origin;
    private PixelConverter converter;
    private int frames;

    /// @param announcedFrames as the file says, 0 if it does not say
    PictureStore(NativeBuffer pixels, MediaLimits limits, long announcedFrames, Path file) {
        this.pixels = pixels;
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
    public void accept(AVFrame frame) throws IOException {
        Origin found = Origin.of(frame);
        requireWithinLimits(found.width(), found.height(), frames + 1L, limits, file);
        if (origin == null) {
            origin = found;
            converter = PixelConverter.frameToRgb(frame, PixelConverter.Manner.FINE, file);
            pixels.reserve(3 * origin.pixels() * Math.max(1, announcedFrames));
        } else if (!origin.equals(found)) {
            throw new IOException("cannot read %s: the pictures change from %s to %s".formatted(file, origin, found));
        }
        converter.toRgb(frame, pixels.append(3 * origin.pixels()));
        frames++;
    }

    /// Everything that was collected.
    VideoTrack track(TrackDecoder decoder, Optional<FrameRate> frameRate, double seconds) throws IOException {
        if (frames == 0) {
            throw new IOException("cannot read %s: no picture in it could be decoded".formatted(file));
        }
        return new VideoTrack(
                new RgbFrames(pixels.first(pixels.size()), frames, origin.height(), origin.width()),
                frameRate,
                seconds,
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
        if (converter != null) {
            converter.close();
        }
    }
}
