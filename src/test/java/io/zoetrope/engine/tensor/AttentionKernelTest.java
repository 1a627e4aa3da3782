package io.zoetrope.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.layer.ScaledDotProductAttention;
import java.util.EnumMap;
import java.util.Map;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttentionKernelTest {

    private TensorScope scope;
    private RandomStream random;
    private final Map<AttentionKernel, Long> before = new EnumMap<>(AttentionKernel.class);

    @BeforeEach
    void note() {
        scope = TensorScope.open();
        random = RandomStream.seeded(1);
        for (AttentionKernel kernel : AttentionKernel.values()) {
            before.put(kernel, kernel.calls());
        }
    }

    @AfterEach
    void restore() {
        AttentionPreference.AUTO.set(0);
        AttentionKernel.forget();
        random.close();
        scope.close();
    }

    @Test
    void onTheCpuItIsFlashAroundWhichNarrowTypesAreWidened() {
        attend(DataType.FLOAT32, null);
        attend(DataType.FLOAT32, Tensor.zeros(DataType.FLOAT32, Device.CPU, 1, 1, 5, 7));
        attend(DataType.BFLOAT16, null);
        assertEquals(2, counted(AttentionKernel.FLASH));
        assertEquals(1, counted(AttentionKernel.FLASH_WIDENED));
        assertEquals(0, counted(AttentionKernel.MATH));
    }

    @Test
    void whatLibTorchChoosesIsWhatIsCounted() {
        torch.globalContext().setSDPUseFlash(false);
        AttentionKernel.forget();
        attend(DataType.FLOAT32, null);
        attend(DataType.BFLOAT16, null);
        assertEquals(2, counted(AttentionKernel.MATH));
        assertEquals(0, counted(AttentionKernel.FLASH));
    }

    @ParameterizedTest
    @EnumSource
    void aPreferenceSwitchesOffWhatWouldComeBefore(AttentionPreference preference) {
        preference.set(0);
        Context context = torch.globalContext();
        assertTrue(context.userEnabledMathSDP(), "something must be left");
        assertEquals(
                switch (preference) {
                    case AUTO, CUDNN -> "flash memory-efficient cudnn";
                    case FLASH -> "flash memory-efficient";
                    case MEMORY_EFFICIENT -> "memory-efficient";
                    case MATH -> "";
                },
                ((context.userEnabledFlashSDP() ? "flash " : "")
                                + (context.userEnabledMemEfficientSDP() ? "memory-efficient " : "")
                                + (context.userEnabledCuDNNSDP() ? "cudnn" : ""))
                        .strip());
    }

    @Test
    void theCpuKeepsItsKernelWhateverIsPreferred() {
        AttentionPreference.MATH.apply(Device.CPU);
        attend(DataType.FLOAT32, null);
        assertEquals(1, counted(AttentionKernel.FLASH));
    }

    @Test
    void namesAreThoseOfTheKernels() {
        assertEquals(AttentionPreference.MEMORY_EFFICIENT, AttentionPreference.named("memory-efficient"));
        var refusal = assertThrows(IllegalArgumentException.class, () -> AttentionPreference.named("xformers"));
        assertTrue(refusal.getMessage().contains("auto, flash, memory-efficient, cudnn, math"), refusal::getMessage);
    }

    private void attend(DataType type, Tensor mask) {
        Tensor query = random.normal(DataType.FLOAT32, 1, 2, 5, 8).to(type);
        Tensor key = random.normal(DataType.FLOAT32, 1, 2, 7, 8).to(type);
        Tensor attended = ScaledDotProductAttention.attend(query, key, key, mask, 0.5);
        assertEquals(type, attended.type());
        assertTrue(attended.isFinite());
    }

    private long counted(AttentionKernel kernel) {
        return kernel.calls() - before.get(kernel);
    }
}
