package io.zoetrope.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avutil.av_display_rotation_get;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.bytedeco.ffmpeg.avformat.AVStream;

/// How a stored picture must be turned to stand upright. Mirrored pictures are left as they are, as the reference
/// leaves them.
enum Orientation {
    UPRIGHT(0),
    /// A quarter counter-clockwise.
    LEFT(90),
    UPSIDE_DOWN(180),
    /// A quarter clockwise.
    RIGHT(270);

    private static final int RGB = 3;
    private static final int FULL_TURN = 360;
    private static final int MATRIX_BYTES = 9 * Integer.BYTES;

    private final int degrees; // counter-clockwise

    Orientation(int degrees) {
        this.degrees = degrees;
    }

    /// By the number that cameras write, 1 to 8; what is none of them is upright.
    static Orientation ofExif(int number) {
        return switch (number) {
            case 3 -> UPSIDE_DOWN;
            case 6 -> RIGHT;
            case 8 -> LEFT;
            default -> UPRIGHT;
        };
    }

    /// By the matrix that goes with a stream of pictures, as phones write it.
    static Orientation of(AVStream stream) {
        var parameters = stream.codecpar();
        for (int index = 0; index < parameters.nb_coded_side_data(); index++) {
            var data = parameters.coded_side_data().getPointer(index);
            if (data.type() == AV_PKT_DATA_DISPLAYMATRIX && data.size() >= MATRIX_BYTES) {
                return ofMatrix(Address.segment(data.data(), MATRIX_BYTES)
                        .asByteBuffer()
                        .order(ByteOrder.nativeOrder())
                        .asIntBuffer());
            }
        }
        return UPRIGHT;
    }

    private static Orientation ofMatrix(IntBuffer matrix) {
        boolean mirrored = (long) matrix.get(0) * matrix.get(4) - (long) matrix.get(1) * matrix.get(3) < 0;
        double turned = av_display_rotation_get(matrix); // counter-clockwise, -180 to 180
        for (Orientation orientation : values()) {
            double difference = Math.IEEEremainder(turned - orientation.degrees, FULL_TURN);
            if (!mirrored && Math.abs(difference) < 1) {
                return orientation;
            }
        }
        return UPRIGHT;
    }

    /// Whether height and width change places.
    boolean isSideways() {
        return this == LEFT || this == RIGHT;
    }

    /// Turns the picture `source`, `[height, width, 3]`, into `target`.
    void turn(MemorySegment source, int height, int width, MemorySegment target) {
        if (this == UPRIGHT) {
            target.copyFrom(source);
            return;
        }
        int targetWidth = isSideways() ? height : width;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                long place = switch (this) {
                    case UPRIGHT -> (long) row * targetWidth + column;
                    case LEFT -> (long) (width - 1 - column) * targetWidth + row;
                    case UPSIDE_DOWN -> (long) (height - 1 - row) * targetWidth + (width - 1 - column);
                    case RIGHT -> (long) column * targetWidth + (height - 1 - row);
                };
                MemorySegment.copy(source, RGB * ((long) row * width + column), target, RGB * place, RGB);
            }
        }
    }
}
