package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_FRAME_DATA_ICC_PROFILE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_side_data;

import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.color.ProfileDataException;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/// The colours that a picture's levels stand for, by its embedded ICC profile, brought to sRGB. A profile that
/// cannot be used, such as one for printing inks, leaves the levels as they are.
final class ColorProfile {

    private static final System.Logger LOGGER = System.getLogger(ColorProfile.class.getName());

    private static final ICC_Profile STANDARD = ICC_Profile.getInstance(ColorSpace.CS_sRGB);
    private static final int RGB = 3;

    /// Pixels that are converted at once.
    private static final int PIECE = 1 << 16;

    private final ICC_Profile profile;

    private ColorProfile(ICC_Profile profile) {
        this.profile = profile;
    }

    /// The profile that came with `frame`, if it can be used.
    static Optional<ColorProfile> of(AVFrame frame) {
        var data = av_frame_get_side_data(frame, AV_FRAME_DATA_ICC_PROFILE);
        if (data == null || data.isNull() || data.size() == 0) {
            return Optional.empty();
        }
        byte[] bytes = Address.segment(data.data(), data.size()).toArray(ValueLayout.JAVA_BYTE);
        try {
            ICC_Profile profile = ICC_Profile.getInstance(bytes);
            boolean usable = profile.getNumComponents() == RGB && profile.getColorSpaceType() == ColorSpace.TYPE_RGB
                    || profile.getColorSpaceType() == ColorSpace.TYPE_GRAY;
            return usable ? Optional.of(new ColorProfile(profile)) : Optional.empty();
        } catch (IllegalArgumentException | CMMException | ProfileDataException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "colour profile ignored: {0}", e.getMessage());
            return Optional.empty();
        }
    }

    /// Converts the pixels `rgb`, `[…, 3]`, in place; all of them or, if the profile turns out damaged, none.
    void toStandard(MemorySegment rgb) {
        try {
            convert(rgb);
        } catch (IllegalArgumentException | CMMException | ProfileDataException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "colour profile ignored: {0}", e.getMessage());
        }
    }

    private void convert(MemorySegment rgb) {
        boolean grey = profile.getColorSpaceType() == ColorSpace.TYPE_GRAY;
        var operation = new ColorConvertOp(new ICC_ColorSpace(profile), new ICC_ColorSpace(STANDARD), null);
        long pixels = rgb.byteSize() / RGB;
        for (long first = 0; first < pixels; first += PIECE) {
            int count = (int) Math.min(PIECE, pixels - first);
            MemorySegment piece = rgb.asSlice(RGB * first, RGB * (long) count);
            byte[] levels = piece.toArray(ValueLayout.JAVA_BYTE);
            WritableRaster source =
                    Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, count, 1, grey ? 1 : RGB, null);
            source.setDataElements(0, 0, count, 1, grey ? everyThird(levels) : levels);
            WritableRaster target = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, count, 1, RGB, null);
            operation.filter(source, target);
            piece.copyFrom(MemorySegment.ofArray((byte[]) target.getDataElements(0, 0, count, 1, null)));
        }
    }

    /// Grey pictures have three equal levels in every pixel.
    private static byte[] everyThird(byte[] levels) {
        byte[] grey = new byte[levels.length / RGB];
        for (int index = 0; index < grey.length; index++) {
            grey[index] = levels[RGB * index];
        }
        return grey;
    }
}
