package io.zoetrope.media;

/// The sound of a file and how it was stored.
///
/// @param sound   all samples
/// @param codec   name of the coding, such as `aac` or `pcm_s16le`
/// @param profile of the coding, such as `LC`, or `unknown`
public record SoundTrack(Sound sound, String codec, String profile) {

    /// How long it lasts.
    public double seconds() {
        return sound.seconds();
    }
}
