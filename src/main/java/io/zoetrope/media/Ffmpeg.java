package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.global.avcodec;

/// The manners of FFmpeg turned into those of Java: a negative code becomes an exception that names the file.
final class Ffmpeg {

    private static final int LONGEST_MESSAGE = 256;

    // FFmpeg would write to the error stream of the process; what matters is in its return codes.
    static {
        av_log_set_level(AV_LOG_QUIET);
    }

    private Ffmpeg() {}

    /// Returns `code` if it is a success.
    ///
    /// @param action  what was being done, such as `encode a frame of`
    /// @param subject the file, or what else it was done to
    static int check(int code, String action, Object subject) throws IOException {
        if (code < 0) {
            throw new IOException("cannot %s %s: %s".formatted(action, subject, message(code)));
        }
        return code;
    }

    /// Returns `pointer` if it points somewhere; FFmpeg returns null when there is no memory left.
    static <P extends org.bytedeco.javacpp.Pointer> P checkAllocated(P pointer, String what) {
        if (pointer == null || pointer.isNull()) {
            throw new OutOfMemoryError("native memory for " + what);
        }
        return pointer;
    }

    static AVCodec encoder(String name) {
        AVCodec codec = avcodec.avcodec_find_encoder_by_name(name);
        if (codec == null || codec.isNull()) {
            throw new IllegalStateException("this build of FFmpeg lacks the encoder " + name);
        }
        return codec;
    }

    /// Names the file protocol, so that a file called `http:x` or `a:b` is still a file.
    static String url(Path file) {
        return "file:" + file.toAbsolutePath();
    }

    private static String message(int code) {
        byte[] text = new byte[LONGEST_MESSAGE];
        av_strerror(code, text, text.length);
        int length = 0;
        while (length < text.length && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, StandardCharsets.UTF_8);
    }
}
