package io.zoetrope.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// WAV of any width, put together byte by byte.
final class WaveFiles {

    private static final int RATE = 8000;
    private static final int HEADER = 44;

    private WaveFiles() {}

    /// One channel of PCM: lowest level, half of it, zero, half of the highest, the highest; and zeros.
    static byte[] levels(int bits) {
        long lowest = -(1L << bits - 1);
        long[] levels = new long[4000];
        levels[0] = lowest;
        levels[1] = lowest / 2;
        levels[3] = -lowest / 2;
        levels[4] = -lowest - 1;
        int bytes = bits / 8;
        ByteBuffer file = ByteBuffer.allocate(HEADER + levels.length * bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.put(latin("RIFF")).putInt(file.capacity() - 8).put(latin("WAVEfmt "));
        file.putInt(16).putShort((short) 1).putShort((short) 1).putInt(RATE).putInt(RATE * bytes);
        file.putShort((short) bytes).putShort((short) bits);
        file.put(latin("data")).putInt(levels.length * bytes);
        for (long level : levels) {
            // Eight bits are counted from the lowest level, more from zero.
            long stored = bits == 8 ? level - lowest : level;
            for (int part = 0; part < bytes; part++) {
                file.put((byte) (stored >> 8 * part));
            }
        }
        return file.array();
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
