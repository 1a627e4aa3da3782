package io.zoetrope.engine.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.transformer.TinyTransformer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoraTest {

    private TensorScope scope;

    @BeforeEach
    void openScope() {
        scope = TensorScope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void aPublishedFileIsOpened() {
        try (Lora lora = Lora.open(TinyTransformer.LORA)) {
            assertEquals("distilled-lora", lora.name());
            assertEquals(4, lora.rank());
            assertTrue(lora.layerNames().contains("transformer_blocks.0.attn1.to_out.0"));
            assertEquals(List.of(), lora.unused());
            assertEquals(1, lora.referenceDownscale());
            assertEquals(1, lora.referenceTemporalScale());
        }
    }

    @Test
    void namesOfDiffusersAreTurnedIntoTheOfficialOnes() {
        LoraFiles file = new LoraFiles()
                .layer("transformer.audio_proj_in", 2, 3, 4)
                .layer("transformer.time_embed.linear", 2, 3, 4)
                .layer("transformer.av_cross_attn_video_a2v_gate.linear", 2, 3, 4)
                .layer("transformer.transformer_blocks.7.audio_to_video_attn.to_out.0", 2, 3, 4);
        try (Lora lora = file.open("style")) {
            assertEquals(
                    List.of(
                            "adaln_single.linear",
                            "audio_patchify_proj",
                            "av_ca_a2v_gate_adaln_single.linear",
                            "transformer_blocks.7.audio_to_video_attn.to_out.0"),
                    lora.layerNames());
            assertEquals(4 * 12, lora.touchedElements());
        }
    }

    @Test
    void whatIsNoChangeToTheTransformerIsNotUsedAndNamed() {
        LoraFiles file = new LoraFiles()
                .layer("diffusion_model.proj_out", 2, 3, 4)
                .layer("text_embedding_projection.aggregate_embed", 2, 3, 4)
                .tensor("diffusion_model.proj_out.diff_b", 4);
        try (Lora lora = file.open("style")) {
            assertEquals(List.of("proj_out"), lora.layerNames());
            assertEquals(
                    List.of(
                            "diffusion_model.proj_out.diff_b",
                            "text_embedding_projection.aggregate_embed.lora_A.weight",
                            "text_embedding_projection.aggregate_embed.lora_B.weight"),
                    lora.unused());
        }
    }

    @Test
    void everythingThatDoesNotFitTogetherIsListedAtOnce() {
        Checkpoint file = new LoraFiles()
                .tensor("diffusion_model.a.lora_A.weight", 2, 3)
                .tensor("diffusion_model.b.lora_B.weight", 4, 2)
                .tensor("diffusion_model.c.lora_A.weight", 2, 3)
                .tensor("diffusion_model.c.lora_B.weight", 4, 5)
                .tensor("diffusion_model.d.lora_A.weight", 2, 3, 1)
                .tensor("diffusion_model.d.lora_B.weight", 4, 2, 1)
                .layer("diffusion_model.patchify_proj", 2, 3, 4)
                .layer("transformer.proj_in", 2, 3, 4)
                .metadata("reference_downscale_factor", "half")
                .metadata("reference_temporal_scale_factor", "0")
                .checkpoint();
        try (file) {
            CheckpointException refused = assertThrows(CheckpointException.class, () -> Lora.of("broken", file));
            assertEquals(
                    List.of(
                            "diffusion_model.a.lora_B.weight is missing",
                            "diffusion_model.b.lora_A.weight is missing",
                            "diffusion_model.c.lora_A.weight is [2, 3] and lora_B.weight [4, 5], "
                                    + "expected [rank, in] and [out, rank]",
                            "diffusion_model.d.lora_A.weight is [2, 3, 1] and lora_B.weight [4, 2, 1], "
                                    + "expected [rank, in] and [out, rank]",
                            "diffusion_model.patchify_proj.lora_A.weight and transformer.proj_in.lora_A.weight"
                                    + " are the same layer",
                            "reference_downscale_factor is 'half', expected a whole number from 1 on",
                            "reference_temporal_scale_factor is '0', expected a whole number from 1 on"),
                    refused.problems());
        }
    }

    @Test
    void whatReferencesMeanIsInTheHeader() {
        LoraFiles file = new LoraFiles()
                .layer("diffusion_model.proj_out", 2, 3, 4)
                .metadata("reference_downscale_factor", "2")
                .metadata("reference_temporal_scale_factor", "4.0");
        try (Lora lora = file.open("structure")) {
            assertEquals(2, lora.referenceDownscale());
            assertEquals(4, lora.referenceTemporalScale());
        }
    }

    @Test
    void integersAreNoChange() {
        Checkpoint file = new LoraFiles()
                .layer("diffusion_model.proj_out", 2, 3, 4)
                .tensor("diffusion_model.proj_out.lora_B.weight", Tensor.zeros(DataType.INT8, Device.CPU, 4, 2))
                .checkpoint();
        try (file) {
            CheckpointException refused = assertThrows(CheckpointException.class, () -> Lora.of("broken", file));
            assertTrue(refused.problems().contains("diffusion_model.proj_out.lora_B.weight is I8, expected numbers"));
        }
    }

    @Test
    void aFileWithoutChangesIsNoLora() {
        try (Checkpoint model = TinyTransformer.open();
                Checkpoint lora = new LoraFiles()
                        .layer("diffusion_model.proj_out", 2, 3, 4)
                        .checkpoint()) {
            assertFalse(Lora.isIn(model));
            assertTrue(Lora.isIn(lora));
            CheckpointException refused = assertThrows(CheckpointException.class, () -> Lora.of("model", model));
            assertEquals(
                    List.of("changes no layer of a transformer (diffusion_model.<layer>.lora_A.weight)"),
                    refused.problems());
        }
    }
}
