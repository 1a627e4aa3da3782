package io.zoetrope.media;

import java.util.List;
import java.util.Optional;

/// The pictures of a file and how they were stored. Names are those of FFmpeg, such as `h264`, `yuv420p`,
/// `bt709`, and `unknown` where the file does not say.
///
/// @param frames      the pictures that were read, as RGB, upright
/// @param frameRate   the frame rate, or the mean of a varying one; empty for a still picture
/// @param constantRate whether the frames come at that rate, to a tick of the file's clock or a millisecond
/// @param times       when each frame is shown, on the file's clock, seconds; 0 for a still picture
/// @param seconds     how long the whole stream lasts, 0 for a still picture
/// @param codec       name of the coding
/// @param profile     of the coding, such as `High`
/// @param pixelFormat as stored
/// @param colorSpace  matrix between RGB and the stored components
/// @param primaries   what the colours are
/// @param transfer    curve between light and value
/// @param range       `tv` for limited, `pc` for full
public record VideoTrack(
        RgbFrames frames,
        Optional<FrameRate> frameRate,
        boolean constantRate,
        List<Double> times,
        double seconds,
        String codec,
        String profile,
        String pixelFormat,
        String colorSpace,
        String primaries,
        String transfer,
        String range) {}
