package io.zoetrope.media;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/// The program of [DamagedMediaTest]'s process: damages whole files in hundreds of ways, reads them, and says of
/// each
/// what came of it. A line `BEGIN …` without its `END …` names the file that ended the process.
final class DamagedMediaReading {

    static final int FILES_OF_A_KIND = 100;
    static final int ENDED_BY_WATCH = 3;

    /// No file here takes more than a tenth of a second when whole.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final MediaLimits LIMITS = new MediaLimits(1 << 20, 60, 1_000_000, 100, 20_000_000, 2_000_000);

    /// Where headers are, bytes.
    private static final int HEAD = 400;

    private DamagedMediaReading() {}

    /// @param arguments a folder to work in, and the seed
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Random random = new Random(Long.parseLong(arguments[1]));
        for (MediaKind kind : MediaKind.values()) {
            List<byte[]> samples = samples(kind, folder);
            for (int trial = 0; trial < FILES_OF_A_KIND; trial++) {
                byte[] damaged = damage(samples.get(trial % samples.size()), random);
                if (kind == MediaKind.PNG && trial % 2 == 0) {
                    AnnotatedPictures.repairChecksums(damaged);
                }
                TimeSpan span = trial % 3 == 0 ? new TimeSpan(random.nextDouble(2), 0.5) : TimeSpan.WHOLE;
                read(kind, trial, Files.write(folder.resolve("damaged"), damaged), span);
            }
        }
        String status = Files.readString(Path.of("/proc/self/status"));
        System.out.println(status.lines()
                .filter(line -> line.startsWith("VmHWM"))
                .findFirst()
                .orElseThrow());
    }

    private static void read(MediaKind kind, int trial, Path file, TimeSpan span) {
        System.out.printf("BEGIN %s %d%n", kind, trial);
        Thread watch = Thread.ofVirtual().start(() -> endProcessAfter(PATIENCE));
        String outcome;
        try (var media = new MediaReader(LIMITS).decode(file, span)) {
            media.video().ifPresent(track -> touch(track.frames()));
            media.sound().ifPresent(track -> touch(track.sound()));
            outcome = "RESULT";
        } catch (IOException e) {
            boolean named = e.getMessage() != null && e.getMessage().contains(file.toString());
            outcome = named ? "REFUSED" : "UNNAMED " + e;
        } catch (RuntimeException | Error e) {
            outcome = "THROWN " + e;
        }
        watch.interrupt();
        System.out.printf("END %s%n", outcome);
    }

    private static void endProcessAfter(Duration patience) {
        try {
            Thread.sleep(patience);
            Runtime.getRuntime().halt(ENDED_BY_WATCH);
        } catch (InterruptedException _) {
            // in time
        }
    }

    private static void touch(RgbFrames frames) {
        for (long index = 0; index < frames.rgb().byteSize(); index += 997) {
            frames.rgb().get(ValueLayout.JAVA_BYTE, index);
        }
    }

    private static void touch(Sound sound) {
        for (int index = 0; index < sound.length(); index++) {
            float sample = sound.sample(sound.channels() - 1, index);
            if (Float.isInfinite(sample)) {
                throw new IllegalStateException("sample %d is infinite".formatted(index));
            }
        }
    }

    /// Cut off; or bits turned, anywhere or in the header, where lengths and sizes are.
    private static byte[] damage(byte[] whole, Random random) {
        int way = random.nextInt(4);
        if (way == 0) {
            return Arrays.copyOf(whole, random.nextInt(whole.length));
        }
        byte[] damaged = whole.clone();
        int reach = way == 1 ? Math.min(HEAD, whole.length) : whole.length;
        for (int hit = random.nextInt(1, way == 2 ? 4 : 24); hit > 0; hit--) {
            damaged[random.nextInt(reach)] ^= (byte) (1 << random.nextInt(8));
        }
        return damaged;
    }

    private static List<byte[]> samples(MediaKind kind, Path folder) throws IOException {
        Path resources = Path.of("src/test/resources/media");
        byte[] notes = AnnotatedPictures.exif(6);
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        List<byte[]> samples = new ArrayList<>();
        switch (kind) {
            case PNG -> {
                byte[] png = AnnotatedPictures.encode(picture(BufferedImage.TYPE_INT_RGB), "png");
                samples.add(AnnotatedPictures.pngWithProfile(AnnotatedPictures.pngWithExif(png, notes), profile));
                samples.add(AnnotatedPictures.encode(picture(BufferedImage.TYPE_BYTE_INDEXED), "png"));
                samples.add(AnnotatedPictures.encode(picture(BufferedImage.TYPE_USHORT_GRAY), "png"));
                samples.add(progressive("png"));
            }
            case JPEG -> {
                byte[] jpeg = AnnotatedPictures.encode(picture(BufferedImage.TYPE_INT_RGB), "jpg");
                samples.add(AnnotatedPictures.jpegWithProfile(AnnotatedPictures.jpegWithExif(jpeg, notes), profile));
                samples.add(AnnotatedPictures.encode(picture(BufferedImage.TYPE_BYTE_GRAY), "jpg"));
                samples.add(progressive("jpg"));
            }
            case WEBP -> {
                samples.add(Files.readAllBytes(resources.resolve("gradient.webp")));
                samples.add(Files.readAllBytes(resources.resolve("gradient-transparent.webp")));
            }
            case WAV -> {
                for (int bits : new int[] {8, 16, 24, 32}) {
                    samples.add(WaveFiles.levels(bits));
                }
            }
            case MP4 -> {
                for (String name : new String[] {"varying.mp4", "ntsc.mp4", "turned.mp4"}) {
                    samples.add(Files.readAllBytes(resources.resolve(name)));
                }
                samples.add(ownClip(folder.resolve("whole.mp4")));
            }
        }
        return samples;
    }

    private static byte[] ownClip(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Sound sound = MovingGradient.sound(arena, 2, 60_000, 24_000);
            var format = ClipFormat.withSound(64, 48, FrameRate.of(24), SoundFormat.of(sound));
            try (var clip = Mp4Writer.open(file, format)) {
                clip.writeFrames(MovingGradient.frames(arena, 60, 48, 64));
                clip.writeSound(sound);
                clip.finish();
            }
        }
        return Files.readAllBytes(file);
    }

    /// In several passes, each finer than the one before.
    private static byte[] progressive(String format) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        var bytes = new ByteArrayOutputStream();
        try (var output = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(output);
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            writer.write(null, new IIOImage(picture(BufferedImage.TYPE_INT_RGB), null, null), parameters);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static BufferedImage picture(int type) {
        var image = new BufferedImage(60, 44, type);
        var random = new Random(7);
        for (int index = 0; index < 60 * 44; index++) {
            int level = index / 12 + random.nextInt(16) & 255;
            image.setRGB(index % 60, index / 60, level << 16 | (255 - level) << 8 | level / 2);
        }
        return image;
    }
}
