package io.zoetrope.media;

import java.util.List;

/// The sound track of a clip.
///
/// @param channels   1 or 2
/// @param sampleRate Hz, one of the rates that AAC knows
public record SoundFormat(int channels, int sampleRate) {

    /// The rates of AAC, Hz.
    public static final List<Integer> SAMPLE_RATES =
            List.of(7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000);

    private static final int MOST_CHANNELS = 2;

    public SoundFormat {
        if (channels < 1 || channels > MOST_CHANNELS || !SAMPLE_RATES.contains(sampleRate)) {
            throw new IllegalArgumentException(
                    "sound with %d channels at %d Hz, expected 1 or 2 channels at one of %s Hz"
                            .formatted(channels, sampleRate, SAMPLE_RATES));
        }
    }

    public static SoundFormat of(Sound sound) {
        return new SoundFormat(sound.channels(), sound.sampleRate());
    }
}
