package io.zoetrope.media;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Says what a clip of the demo model shows and sounds like: one plain shape that moves over a plain
/// background, with a tone. Judges by simple statistics, so that its word does not depend on any part of the
/// engine.
public record ClipJudge(Colour background, Colour shape, Movement movement, Tone tone) {

    /// The colours that the demo model knows.
    public enum Colour {
        RED(255, 0, 0),
        GREEN(0, 255, 0),
        BLUE(0, 0, 255),
        YELLOW(255, 255, 0),
        WHITE(255, 255, 255),
        BLACK(0, 0, 0);

        private final int[] levels;

        Colour(int... levels) {
            this.levels = levels;
        }

        /// 0 or 255.
        int level(int channel) {
            return levels[channel];
        }

        static Colour nearest(int[] levels) {
            return Arrays.stream(values())
                    .min((first, second) ->
                            Integer.compare(distance(first.levels, levels), distance(second.levels, levels)))
                    .orElseThrow();
        }
    }

    /// What the shape does as a whole. `OTHER` is none of the rest: it bounces, spins or stays.
    public enum Movement {
        LEFT_TO_RIGHT,
        RIGHT_TO_LEFT,
        UP,
        DOWN,
        GROWS,
        OTHER
    }

    /// The tones that the demo model knows.
    public enum Tone {
        LOW(300),
        MIDDLE(600),
        HIGH(1200);

        private final double frequency;

        Tone(double frequency) {
            this.frequency = frequency;
        }

        /// Hz.
        double frequency() {
            return frequency;
        }

        /// By ratio, as the ear does.
        static Tone nearest(double frequency) {
            return Arrays.stream(values())
                    .min((first, second) -> Double.compare(
                            Math.abs(Math.log(frequency / first.frequency)),
                            Math.abs(Math.log(frequency / second.frequency))))
                    .orElseThrow();
        }
    }

    /// Where the shape is in one frame: its centre as a share of width and height, its area as a share of the
    /// picture.
    private record Place(double across, double down, double area) {}

    /// Sum of absolute differences of red, green and blue from the background, from which on a pixel is the shape's.
    private static final int DIFFERENCE = 150;

    /// A frame with less of the shape than this tells nothing about its place, share of the picture.
    private static final double SMALLEST_AREA = 0.004;

    /// A shape that moves less than this has not moved, share of the picture's side.
    private static final double LEAST_TRAVEL = 0.2;

    /// A shape that becomes larger than so many times its first area has grown.
    private static final double LEAST_GROWTH = 2;

    private static final double LOWEST_FREQUENCY = 150;
    private static final double HIGHEST_FREQUENCY = 2400;
    private static final double FREQUENCY_STEP = 10;

    public static ClipJudge judge(RgbFrames frames, Sound sound) {
        int[] background = median(borderPixels(frames));
        List<int[]> shape = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        for (int frame = 0; frame < frames.frames(); frame++) {
            Place place = locate(frames, frame, background, shape);
            if (place.area() >= SMALLEST_AREA) {
                places.add(place);
            }
        }
        if (places.size() < 2) {
            throw new AssertionError("no shape in %d frames".formatted(frames.frames()));
        }
        return new ClipJudge(
                Colour.nearest(background),
                Colour.nearest(median(shape)),
                movement(places),
                Tone.nearest(strongestFrequency(sound)));
    }

    private static List<int[]> borderPixels(RgbFrames frames) {
        List<int[]> border = new ArrayList<>();
        for (int frame = 0; frame < frames.frames(); frame++) {
            for (int column = 0; column < frames.width(); column++) {
                border.add(pixel(frames, frame, 0, column));
                border.add(pixel(frames, frame, frames.height() - 1, column));
            }
            for (int row = 0; row < frames.height(); row++) {
                border.add(pixel(frames, frame, row, 0));
                border.add(pixel(frames, frame, row, frames.width() - 1));
            }
        }
        return border;
    }

    /// Also adds the pixels of the shape to `shape`.
    private static Place locate(RgbFrames frames, int frame, int[] background, List<int[]> shape) {
        double across = 0;
        double down = 0;
        int count = 0;
        for (int row = 0; row < frames.height(); row++) {
            for (int column = 0; column < frames.width(); column++) {
                int[] pixel = pixel(frames, frame, row, column);
                if (distance(pixel, background) >= DIFFERENCE) {
                    shape.add(pixel);
                    across += column;
                    down += row;
                    count++;
                }
            }
        }
        double area = (double) count / (frames.width() * frames.height());
        return new Place(across / count / frames.width(), down / count / frames.height(), area);
    }

    /// From first to last: the beginnings and ends are means of a fifth of the frames, which evens out soft
    /// outlines.
    private static Movement movement(List<Place> places) {
        int part = Math.max(1, places.size() / 5);
        Place first = mean(places.subList(0, part));
        Place last = mean(places.subList(places.size() - part, places.size()));
        double right = last.across() - first.across();
        double down = last.down() - first.down();
        if (Math.max(Math.abs(right), Math.abs(down)) < LEAST_TRAVEL) {
            return last.area() > LEAST_GROWTH * first.area() ? Movement.GROWS : Movement.OTHER;
        }
        if (Math.abs(right) > Math.abs(down)) {
            return right > 0 ? Movement.LEFT_TO_RIGHT : Movement.RIGHT_TO_LEFT;
        }
        return down > 0 ? Movement.DOWN : Movement.UP;
    }

    private static Place mean(List<Place> places) {
        return new Place(
                places.stream().mapToDouble(Place::across).average().orElseThrow(),
                places.stream().mapToDouble(Place::down).average().orElseThrow(),
                places.stream().mapToDouble(Place::area).average().orElseThrow());
    }

    /// The frequency at which the sum of all channels is strongest, Hz.
    private static double strongestFrequency(Sound sound) {
        double best = 0;
        double strongest = -1;
        for (double frequency = LOWEST_FREQUENCY; frequency <= HIGHEST_FREQUENCY; frequency += FREQUENCY_STEP) {
            double power = 0;
            for (int channel = 0; channel < sound.channels(); channel++) {
                power += power(sound, channel, frequency);
            }
            if (power > strongest) {
                strongest = power;
                best = frequency;
            }
        }
        return best;
    }

    /// Goertzel's recurrence: the power at one frequency, over stretches short enough to forgive a wavering pitch.
    private static double power(Sound sound, int channel, double frequency) {
        int stretch = sound.sampleRate() / 20;
        double coefficient = 2 * Math.cos(2 * Math.PI * frequency / sound.sampleRate());
        double power = 0;
        for (int start = 0; start + stretch <= sound.length(); start += stretch) {
            double previous = 0;
            double beforeThat = 0;
            for (int index = start; index < start + stretch; index++) {
                double next = sound.sample(channel, index) + coefficient * previous - beforeThat;
                beforeThat = previous;
                previous = next;
            }
            power += previous * previous + beforeThat * beforeThat - coefficient * previous * beforeThat;
        }
        return power;
    }

    private static int[] pixel(RgbFrames frames, int frame, int row, int column) {
        long position = 3L * (((long) frame * frames.height() + row) * frames.width() + column);
        int[] levels = new int[3];
        for (int channel = 0; channel < 3; channel++) {
            levels[channel] = frames.rgb().get(ValueLayout.JAVA_BYTE, position + channel) & 255;
        }
        return levels;
    }

    private static int[] median(List<int[]> pixels) {
        int[] median = new int[3];
        for (int channel = 0; channel < 3; channel++) {
            int index = channel;
            median[channel] = pixels.stream()
                    .mapToInt(pixel -> pixel[index])
                    .sorted()
                    .skip(pixels.size() / 2)
                    .findFirst()
                    .orElseThrow();
        }
        return median;
    }

    private static int distance(int[] first, int[] second) {
        return Math.abs(first[0] - second[0]) + Math.abs(first[1] - second[1]) + Math.abs(first[2] - second[2]);
    }
}
