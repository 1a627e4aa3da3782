package io.zoetrope.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1000", "cpu:0", ""})
    void aNameThatIsNoneIsRefusedWithTheNamesThatAre(String name) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Device.parse(name));
        assertTrue(refusal.getMessage().contains("expected cpu, cuda, cuda:N or auto"), refusal::getMessage);
    }

    @Test
    void aDeviceThatIsNotThereIsRefusedWithTheirNumber() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Device.parse("cuda:999"));
        assertTrue(
                refusal.getMessage().contains("sees %d CUDA devices".formatted(Device.cudaDevices())),
                refusal::getMessage);
    }

    @Test
    void autoIsTheFirstCudaDeviceOrElseTheCpu() {
        assertEquals(devices().getLast(), Device.parse("auto"));
    }

    @Test
    void theCpuNeedsNoStream() {
        Device.CPU.enter();
        assertEquals("cpu", Device.CPU.description());
        assertEquals(0, Device.CPU.capability());
    }

    /// On a CUDA device each thread has a stream of its own.
    @ParameterizedTest
    @MethodSource("devices")
    void whatAThreadHasFinishedAnotherOneCanUse(Device device) {
        device.enter();
        assertTrue(device.description().startsWith(device.toString()));
        try (TensorScope _ = TensorScope.open();
                var thread = Executors.newSingleThreadExecutor()) {
            Tensor ones = CompletableFuture.supplyAsync(
                            () -> {
                                device.enter();
                                Tensor made = Tensor.ones(DataType.FLOAT32, device, 2, 3);
                                device.finish();
                                return made;
                            },
                            thread)
                    .join();
            assertEquals(6, ones.sumAll().item());
            ones.close();
        }
    }

    private static List<Device> devices() {
        return Device.cudaDevices() == 0 ? List.of(Device.CPU) : List.of(Device.CPU, new Device(Device.Kind.CUDA, 0));
    }
}
