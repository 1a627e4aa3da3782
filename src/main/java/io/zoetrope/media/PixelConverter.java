package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT2020_CL;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT2020_NCL;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.swscale.SWS_ACCURATE_RND;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_BT2020;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU601;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU709;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INP;
import static org.bytedeco.ffmpeg.global.swscale.SWS_FULL_CHR_H_INT;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/// Converts between RGB, full range, and the pixel format of a codec, for pictures of one size.
///
/// RGB passes through a buffer of its own: the converter reads and writes some bytes past the end of a picture,
/// which is no place to be in someone else's memory.
final class PixelConverter implements AutoCloseable {

    /// How a converter goes about its work.
    enum Manner {
        /// As well as it can.
        FINE(SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP),
        /// As FFmpeg does when nothing is said, and thus the reference: faster, and coarser in the colours.
        PLAIN(SWS_BILINEAR);

        private final int flags;

        Manner(int flags) {
            this.flags = flags;
        }
    }

    /// Neutral brightness, contrast and saturation, 16.16 fixed point.
    private static final int BRIGHTNESS = 0;

    private static final int CONTRAST = 1 << 16;
    private static final int SATURATION = 1 << 16;

    private static final int OVERRUN = 256;
    private static final int PLANES = 4;

    /// Pixels that are converted at once; the last ones of a row are left out if the row has no room for so many.
    private static final int ROW_STEP = 8;

    /// Where untagged video is taken for high definition, pixels of height.
    private static final int HIGH_DEFINITION = 720;

    private final NativeOwner owner = new NativeOwner();
    private final SwsContext context;
    private final MemorySegment rgb;
    private final PointerPointer<?> rgbPlanes;
    private final IntPointer rgbStrides;
    private final int height;
    private final long rowBytes;
    private final long stride;
    private final Object subject;

    /// From RGB to YUV 4:2:0, limited range.
    ///
    /// @param matrix  `SWS_CS_ITU709` or `SWS_CS_ITU601`
    /// @param subject what errors are about
    static PixelConverter rgbToYuv420(int width, int height, int matrix, Manner manner, Object subject)
            throws IOException {
        return new PixelConverter(
                width, height, AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P, true, false, matrix, manner, subject);
    }

    /// From the format and colours of `frame` to RGB.
    static PixelConverter frameToRgb(AVFrame frame, Manner manner, Object subject) throws IOException {
        boolean full = frame.color_range() == AVCOL_RANGE_JPEG;
        return new PixelConverter(
                frame.width(),
                frame.height(),
                frame.format(),
                AV_PIX_FMT_RGB24,
                full,
                true,
                coefficients(frame),
                manner,
                subject);
    }

    @SuppressWarnings("MustBeClosedChecker") // the owner closes the arena
    private PixelConverter(
            int width,
            int height,
            int source,
            int target,
            boolean sourceFull,
            boolean targetFull,
            int matrix,
            Manner manner,
            Object subject)
            throws IOException {
        this.height = height;
        this.subject = subject;
        Arena arena = owner.own(Arena.ofShared(), Arena::close);
        rowBytes = 3L * width;
        stride = 3L * Math.ceilDiv(width, ROW_STEP) * ROW_STEP;
        MemorySegment buffer = arena.allocate(stride * height + OVERRUN, 64);
        rgb = buffer.asSlice(0, stride * height);
        // Four pointers and four strides are always read.
        MemorySegment planes = arena.allocate(ValueLayout.ADDRESS, PLANES);
        planes.set(ValueLayout.ADDRESS, 0, buffer);
        MemorySegment strides = arena.allocate(ValueLayout.JAVA_INT, PLANES);
        strides.set(ValueLayout.JAVA_INT, 0, (int) stride);
        rgbPlanes = new PointerPointer<>(new Address(planes));
        rgbStrides = new IntPointer(new Address(strides));
        context =
                sws_getContext(width, height, source, width, height, target, manner.flags, null, null, (double[]) null);
        if (context == null || context.isNull()) {
            owner.close();
            throw new IOException("cannot convert the pixels of %s: unsupported format".formatted(subject));
        }
        owner.own(context, c -> sws_freeContext(c));
        IntPointer coefficients = sws_getCoefficients(matrix);
        // Formats without a colour matrix refuse this call, and need none.
        int _ = sws_setColorspaceDetails(
                context,
                coefficients,
                sourceFull ? 1 : 0,
                coefficients,
                targetFull ? 1 : 0,
                BRIGHTNESS,
                CONTRAST,
                SATURATION);
    }

    /// Converts the picture `source`, `[H, W, 3]`, into the planes of `target`.
    void fromRgb(MemorySegment source, AVFrame target) throws IOException {
        for (int row = 0; row < height; row++) {
            MemorySegment.copy(source, row * rowBytes, rgb, row * stride, rowBytes);
        }
        int rows = sws_scale(context, rgbPlanes, rgbStrides, 0, height, target.data(), target.linesize());
        Ffmpeg.check(rows, "convert the pixels of", subject);
    }

    /// Converts the planes of `source` into the picture `target`, `[H, W, 3]`.
    void toRgb(AVFrame source, MemorySegment target) throws IOException {
        int rows = sws_scale(context, source.data(), source.linesize(), 0, height, rgbPlanes, rgbStrides);
        Ffmpeg.check(rows, "convert the pixels of", subject);
        for (int row = 0; row < height; row++) {
            MemorySegment.copy(rgb, row * stride, target, row * rowBytes, rowBytes);
        }
    }

    @Override
    public void close() {
        owner.close();
    }

    private static int coefficients(AVFrame frame) {
        int space = frame.colorspace();
        if (space == AVCOL_SPC_BT709) {
            return SWS_CS_ITU709;
        }
        if (space == AVCOL_SPC_BT2020_NCL || space == AVCOL_SPC_BT2020_CL) {
            return SWS_CS_BT2020;
        }
        boolean highDefinition = frame.height() >= HIGH_DEFINITION && frame.color_range() != AVCOL_RANGE_JPEG;
        return space == AVCOL_SPC_UNSPECIFIED && highDefinition ? SWS_CS_ITU709 : SWS_CS_ITU601;
    }
}
