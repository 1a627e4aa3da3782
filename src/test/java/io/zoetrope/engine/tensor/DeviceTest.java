package io.zoetrope.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
    void withoutACudaDeviceAutoIsTheCpu() {
        assumeTrue(Device.cudaDevices() == 0);
        assertEquals(Device.CPU, Device.parse("auto"));
    }

    @Test
    void theCpuNeedsNoStream() {
        Device.CPU.enter();
        Device.CPU.synchronise();
        assertEquals("cpu", Device.CPU.description());
        assertEquals(0, Device.CPU.capability());
    }

    @Test
    void eachThreadHasAStreamOfItsOwnOnACudaDevice() {
        assumeTrue(Device.cudaDevices() > 0);
        Device device = Device.parse("cuda");
        device.enter();
        assertTrue(device.description().startsWith("cuda:0 "));
        try (var thread = Executors.newSingleThreadExecutor()) {
            double sum = CompletableFuture.supplyAsync(
                            () -> {
                                device.enter();
                                try (TensorScope _ = TensorScope.open()) {
                                    return Tensor.ones(DataType.FLOAT32, device, 2, 3)
                                            .sumAll()
                                            .item();
                                }
                            },
                            thread)
                    .join();
            assertEquals(6, sum);
        }
    }
}
