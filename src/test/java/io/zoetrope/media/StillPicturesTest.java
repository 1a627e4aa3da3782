package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Pictures as cameras and painting programs write them.
class StillPicturesTest {

    private static final MediaReader READER = new MediaReader(MediaLimits.DEFAULT);
    private static final int HEIGHT = 32;
    private static final int WIDTH = 48;

    /// What a mean light of one half is in sRGB.
    private static final int HALF_LIGHT = 188;

    @TempDir
    private Path folder;

    /// The corner that is red in the upright picture: of 3, 6 and 8 only, as the reference does.
    @ParameterizedTest
    @CsvSource({
        "0, top left",
        "1, top left",
        "2, top left",
        "3, bottom right",
        "4, top left",
        "5, top left",
        "6, top right",
        "7, top left",
        "8, bottom left",
        "9, top left",
        "65535, top left"
    })
    void cameraNotesTurnThePicture(int orientation, String corner) throws IOException {
        byte[] notes = AnnotatedPictures.exif(orientation);
        byte[] png = AnnotatedPictures.encode(redCorner(), "png");
        assertRedCorner(AnnotatedPictures.pngWithExif(png, notes), corner, orientation == 6 || orientation == 8);
        byte[] jpeg = AnnotatedPictures.encode(redCorner(), "jpg");
        assertRedCorner(AnnotatedPictures.jpegWithExif(jpeg, notes), corner, orientation == 6 || orientation == 8);
    }

    @Test
    void notesThatMakeNoSenseAreIgnored() throws IOException {
        byte[] jpeg = AnnotatedPictures.encode(redCorner(), "jpg");
        byte[] notes = AnnotatedPictures.exif(6);
        for (int length = 0; length < 34; length++) {
            byte[] cut = Arrays.copyOf(notes, length);
            assertRedCorner(AnnotatedPictures.jpegWithExif(jpeg, cut), "top left", false);
        }
        var random = new Random(1);
        for (int trial = 0; trial < 50; trial++) {
            byte[] noise = new byte[60];
            random.nextBytes(noise);
            noise[0] = 'I';
            noise[1] = 'I';
            Path file = Files.write(folder.resolve("noise"), AnnotatedPictures.jpegWithExif(jpeg, noise));
            READER.decode(file).close();
        }
    }

    @Test
    void webpIsReadTurnedAndRidOfItsTransparency() throws IOException {
        try (var media = READER.decode(Path.of("src/test/resources/media/gradient.webp"))) {
            RgbFrames found = media.video().orElseThrow().frames();
            assertEquals("64x48", found.height() + "x" + found.width());
            // Red grows to the right and green downwards; turned clockwise, red grows downwards and green to the left.
            assertEquals(128, level(found, 0, 47, 0), 8);
            assertEquals(255, level(found, 32, 24, 0), 8);
            assertEquals(0, level(found, 10, 47, 1), 8);
            assertEquals(250, level(found, 10, 0, 1), 8);
        }
        try (var media = READER.decode(Path.of("src/test/resources/media/gradient-transparent.webp"))) {
            RgbFrames found = media.video().orElseThrow().frames();
            assertEquals("48x64", found.height() + "x" + found.width());
            assertEquals(128, level(found, 0, 0, 0));
            assertEquals(255, level(found, 10, 32, 0));
            assertEquals(53, level(found, 10, 0, 1));
            assertEquals(51, level(found, 10, 0, 2));
        }
    }

    @Test
    void transparencyIsDropped() throws IOException {
        var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00ff8040);
        image.setRGB(1, 0, 0x80ff8040);
        RgbFrames found = read(AnnotatedPictures.encode(image, "png"));
        for (int column = 0; column < 2; column++) {
            assertEquals(0xff, level(found, 0, column, 0));
            assertEquals(0x80, level(found, 0, column, 1));
            assertEquals(0x40, level(found, 0, column, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4})
    void sixteenBitsBecomeEight(int channels) throws IOException {
        int[] offsets = {0, 1, 2, 3};
        var model = new PixelInterleavedSampleModel(
                DataBuffer.TYPE_USHORT, WIDTH, HEIGHT, channels, WIDTH * channels, Arrays.copyOf(offsets, channels));
        WritableRaster raster = Raster.createWritableRaster(model, null);
        for (int row = 0; row < HEIGHT; row++) {
            for (int column = 0; column < WIDTH; column++) {
                for (int channel = 0; channel < channels; channel++) {
                    raster.setSample(column, row, channel, channel == 3 ? 65535 : 257 * (4 * row + column));
                }
            }
        }
        var space = ColorSpace.getInstance(channels == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
        boolean alpha = channels == 4;
        var colors = new ComponentColorModel(
                space, alpha, false, alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE, DataBuffer.TYPE_USHORT);
        RgbFrames found = read(AnnotatedPictures.encode(new BufferedImage(colors, raster, false, null), "png"));
        for (int row = 0; row < HEIGHT; row++) {
            for (int column = 0; column < WIDTH; column++) {
                assertEquals(4 * row + column, level(found, row, column, 1), 1);
            }
        }
    }

    @Test
    void levelsWithAProfileBecomeStandardOnes() throws IOException {
        byte[] linear = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        byte[] png = AnnotatedPictures.encode(flat(BufferedImage.TYPE_INT_RGB), "png");
        assertEquals(128, level(read(png), 5, 5, 0));
        assertFlat(HALF_LIGHT, read(AnnotatedPictures.pngWithProfile(png, linear)));
        byte[] jpeg = AnnotatedPictures.encode(flat(BufferedImage.TYPE_INT_RGB), "jpg");
        assertFlat(HALF_LIGHT, read(AnnotatedPictures.jpegWithProfile(jpeg, linear)));
    }

    @Test
    void greyLevelsWithAProfileBecomeStandardOnes() throws IOException {
        byte[] linear = ICC_Profile.getInstance(ColorSpace.CS_GRAY).getData();
        byte[] png = AnnotatedPictures.encode(flat(BufferedImage.TYPE_BYTE_GRAY), "png");
        int plain = level(read(png), 5, 5, 0);
        double light = plain / 255.0;
        int expected = (int) Math.round(255 * (1.055 * Math.pow(light, 1 / 2.4) - 0.055));
        assertFlat(expected, read(AnnotatedPictures.pngWithProfile(png, linear)));
    }

    @Test
    void aDamagedProfileIsIgnored() throws IOException {
        byte[] png = AnnotatedPictures.encode(flat(BufferedImage.TYPE_INT_RGB), "png");
        byte[] linear = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        var random = new Random(2);
        byte[] noise = new byte[300];
        random.nextBytes(noise);
        assertFlat(128, read(AnnotatedPictures.pngWithProfile(png, noise)));
        assertFlat(128, read(AnnotatedPictures.pngWithProfile(png, Arrays.copyOf(linear, 200))));
        for (int trial = 0; trial < 100; trial++) {
            byte[] damaged = linear.clone();
            for (int hit = 0; hit < 8; hit++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            read(AnnotatedPictures.pngWithProfile(png, damaged));
        }
    }

    /// A megabyte can hold a picture of hundreds of megapixels, or a thousand passes over one.
    @Test
    void whatUnpacksTooLargeIsRefusedAtOnce() throws IOException {
        byte[] png = AnnotatedPictures.encode(flat(BufferedImage.TYPE_INT_RGB), "png");
        ByteBuffer.wrap(png).putInt(16, 30_000).putInt(20, 30_000);
        AnnotatedPictures.repairChecksums(png);
        assertRefused(png, "64000000");
        byte[] jpeg = AnnotatedPictures.encode(flat(BufferedImage.TYPE_INT_RGB), "jpg");
        var passes = new ByteArrayOutputStream();
        passes.write(jpeg);
        for (int pass = 0; pass < 200; pass++) {
            passes.write(new byte[] {(byte) 0xff, (byte) 0xda, 0, 0});
        }
        assertRefused(passes.toByteArray(), "201 passes");
    }

    private void assertRefused(byte[] picture, String part) {
        var refusal = assertThrows(IOException.class, () -> read(picture));
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }

    private void assertRedCorner(byte[] picture, String corner, boolean sideways) throws IOException {
        RgbFrames found = read(picture);
        assertEquals(sideways ? WIDTH : HEIGHT, found.height());
        assertEquals(sideways ? HEIGHT : WIDTH, found.width());
        for (String name : new String[] {"top left", "top right", "bottom left", "bottom right"}) {
            int row = name.startsWith("top") ? 2 : found.height() - 3;
            int column = name.endsWith("left") ? 2 : found.width() - 3;
            assertEquals(name.equals(corner) ? 255 : 0, level(found, row, column, 0), 6, name);
        }
    }

    private static void assertFlat(int expected, RgbFrames found) {
        for (long index = 0; index < found.rgb().byteSize(); index++) {
            assertEquals(expected, found.rgb().get(ValueLayout.JAVA_BYTE, index) & 255, 1);
        }
    }

    private RgbFrames read(byte[] picture) throws IOException {
        Path file = Files.write(folder.resolve("picture"), picture);
        try (var media = READER.decode(file)) {
            RgbFrames frames = media.video().orElseThrow().frames();
            byte[] bytes = frames.rgb().toArray(ValueLayout.JAVA_BYTE);
            return new RgbFrames(MemorySegment.ofArray(bytes), 1, frames.height(), frames.width());
        }
    }

    private static int level(RgbFrames picture, int row, int column, int channel) {
        return picture.rgb().get(ValueLayout.JAVA_BYTE, 3L * (row * picture.width() + column) + channel) & 255;
    }

    private static BufferedImage redCorner() {
        var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < HEIGHT / 2; row++) {
            for (int column = 0; column < WIDTH / 2; column++) {
                image.setRGB(column, row, 0xff0000);
            }
        }
        return image;
    }

    private static BufferedImage flat(int type) {
        var image = new BufferedImage(WIDTH, HEIGHT, type);
        for (int index = 0; index < WIDTH * HEIGHT; index++) {
            image.setRGB(index % WIDTH, index / WIDTH, 0x808080);
        }
        return image;
    }
}
