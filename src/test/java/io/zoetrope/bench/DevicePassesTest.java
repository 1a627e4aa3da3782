package io.zoetrope.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.tensor.AttentionPreference;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevicePassesTest {

    private static final int BLOCKS = 2;
    private static final RandomModel.Config SMALL = new RandomModel.Config(1, 2, 8, 4, BLOCKS, 24);

    /// Of a block: each stream to itself, to its text, and to the other one.
    private static final long ATTENTIONS = 6;

    @TempDir
    Path folder;

    @Test
    void whatIsCountedIsWhatWasComputed() throws IOException {
        try (DevicePasses bench = load()) {
            DevicePasses.Figures figures =
                    bench.measure(ClipSize.parse("64x64x9"), 5, new DevicePasses.Way(false, AttentionPreference.AUTO));
            assertEquals(3, figures.seconds().size());
            assertTrue(figures.least() > 0 && figures.least() <= figures.median());
            assertEquals(Map.of("flash", 5 * BLOCKS * ATTENTIONS), figures.kernels());
            assertEquals(Map.of("eager", 5L), figures.passes());
            assertTrue(figures.operations() > 100, "only " + figures.operations());
            assertEquals(0, figures.peakBytes());
        }
    }

    @Test
    void theCpuRecordsNothing() throws IOException {
        try (DevicePasses bench = load()) {
            DevicePasses.Figures figures =
                    bench.measure(ClipSize.parse("32x32x9"), 3, new DevicePasses.Way(true, AttentionPreference.MATH));
            assertEquals(Map.of("eager", 3L), figures.passes());
        }
    }

    private DevicePasses load() throws IOException {
        Path file = folder.resolve("small.safetensors");
        RandomModel.write(file, SMALL);
        return DevicePasses.load(
                file, SMALL.captionWidth(), Device.CPU, DataType.FLOAT32, Denoiser.WeightOptions.of(DataType.FLOAT32));
    }

    @ParameterizedTest
    @ValueSource(strings = {"768x512", "768x512x120", "760x512x121", "0x512x121", "768x512x121x1", "a"})
    void aSizeThatTheNetworksDoNotKnowIsRefused(String size) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> ClipSize.parse(size));
        assertTrue(refusal.getMessage().contains("such as 768x512x121"), refusal::getMessage);
    }

    @Test
    void aSizeIsReadAsItIsWritten() {
        assertEquals(new ClipSize(768, 512, 121), ClipSize.parse("768x512x121"));
        assertEquals("768x512x121", new ClipSize(768, 512, 121).toString());
    }
}
