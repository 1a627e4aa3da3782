/// Pictures and sound to files and back: the only door to FFmpeg.
///
/// What comes in are [io.zoetrope.media.RgbFrames], uint8 `[F, H, W, 3]`, and a [io.zoetrope.media.Sound],
/// float32 `[channels, S]`; what goes out is an MP4 that plays everywhere ([io.zoetrope.media.Mp4Writer]), or
/// the same data as PNG ([io.zoetrope.media.PngWriter], [io.zoetrope.media.ContactSheet]) and WAV
/// ([io.zoetrope.media.WavWriter]). [io.zoetrope.media.MediaReader] goes the other way, with pictures upright
/// and in sRGB, within limits that are checked before memory is taken; [io.zoetrope.media.Recompression] goes both
/// ways with one picture.
///
/// Data travels as [java.lang.foreign.MemorySegment], so neither side copies more than it must and nothing here
/// knows of networks or requests. Every file appears under its name only when it is complete.
package io.zoetrope.media;
