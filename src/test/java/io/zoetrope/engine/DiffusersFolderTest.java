package io.zoetrope.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.DiffusersCopy;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.Guidance;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Sampler;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.StreamGuidance;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model in diffusers' layout is the model in the official one.
class DiffusersFolderTest {

    private static final Path TINY = Path.of("src/test/resources/golden/end-to-end/tiny-2.0");
    private static final Path OFFICIAL = TINY.resolve("official");

    @TempDir
    Path folder;

    /// All numbers of a run.
    private record Run(
            float[] videoContext,
            float[] audioContext,
            float[] video,
            float[] audio,
            float[] frames,
            float[] samples) {}

    @BeforeEach
    void aDiffusersFolder() throws IOException {
        DiffusersCopy.write(
                OFFICIAL.resolve("tiny.safetensors"), TINY.resolve("diffusers"), OFFICIAL.resolve("gemma"), folder);
    }

    @Test
    void contextsLatentsAndFramesAreThoseOfTheOfficialFileBitForBit() {
        assertSameRun(OFFICIAL, folder);
    }

    @Test
    void namesShapesAndTypesAreTheOfficialOnes() {
        try (Checkpoint official = ModelFiles.of(OFFICIAL).openCheckpoint();
                Checkpoint diffusers = ModelFiles.of(folder).openCheckpoint()) {
            assertEquals(official.entries().keySet(), diffusers.entries().keySet());
            official.entries().forEach((name, entry) -> {
                assertEquals(entry.shape(), diffusers.entries().get(name).shape(), name);
                assertEquals(entry.type(), diffusers.entries().get(name).type(), name);
            });
            assertEquals("2.0-diffusers", diffusers.metadata().get("model_version"));
        }
    }

    @Test
    void aScheduleThatIsLeftAsItIsMarksADistilledModel() throws IOException {
        Path scheduler = folder.resolve("scheduler/scheduler_config.json");
        Files.writeString(
                scheduler,
                Files.readString(scheduler)
                        .replace("\"use_dynamic_shifting\": true", "\"use_dynamic_shifting\": false")
                        .replace("\"shift_terminal\": 0.1", "\"shift_terminal\": null"));
        try (Checkpoint diffusers = ModelFiles.of(folder).openCheckpoint()) {
            assertEquals("2.0-diffusers-distilled", diffusers.metadata().get("model_version"));
        }
    }

    @Test
    void everythingThatIsMissingIsListedInOneError() throws IOException {
        Files.delete(folder.resolve("vocoder/diffusion_pytorch_model.safetensors"));
        Files.delete(folder.resolve("connectors/config.json"));
        Files.delete(folder.resolve("vae/diffusion_pytorch_model.safetensors"));
        assertEquals(
                List.of(
                        "has no connectors/config.json",
                        "vae: has no diffusion_pytorch_model.safetensors",
                        "vocoder: has no diffusion_pytorch_model.safetensors"),
                problems());
    }

    @Test
    void combinationsOfBlocksThatAreNotKnownAreRefusedWithWhatWasFound() throws IOException {
        Path config = folder.resolve("vae/config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replace("\"downsample_type\": [\n    \"spatial\"", "\"downsample_type\": [\n    \"diagonal\"")
                        .replace(
                                "\"decoder_spatial_padding_mode\": \"reflect\"",
                                "\"decoder_spatial_padding_mode\": \"circular\"")
                        .replaceFirst("(\"upsample_factor\": \\[\\s*2,\\s*2,\\s*)2", "$14"));
        List<String> problems = problems();
        assertEquals(3, problems.size(), problems.toString());
        assertEquals(
                "vae/config.json: decoder_spatial_padding_mode is \"circular\", expected reflect", problems.get(0));
        assertEquals(
                "vae/config.json: downsample_type has diagonal, expected spatial, temporal or spatiotemporal",
                problems.get(1));
        assertTrue(problems.get(2).contains("decoder_block_out_channels is [8, 16, 32]"), problems.get(2));
    }

    @Test
    void classesOfOtherModelsAndQuantisedWeightsAreRefused() throws IOException {
        replace("vae/config.json", "AutoencoderKLLTX2Video", "AutoencoderKLWan");
        assertEquals(
                List.of("vae is of the class 'AutoencoderKLWan', expected one of [AutoencoderKLLTX2Video]"),
                problems());
        replace("vae/config.json", "AutoencoderKLWan", "AutoencoderKLLTX2Video");
        replace("transformer/config.json", "\"qk_norm\"", "\"quantization_config\": {\"bits\": 4}, \"qk_norm\"");
        assertEquals(
                List.of("transformer/config.json: quantization_config is {\"bits\":4}, expected null"), problems());
    }

    @Test
    void aModelOfVersion25IsRefusedWithAllThatItNeeds() throws IOException {
        replace(
                "transformer/config.json",
                "\"use_keyframes_abs_pos_embedding\": false",
                "\"use_keyframes_abs_pos_embedding\": true");
        replace("model_index.json", "Gemma3ForConditionalGeneration", "Gemma4ForConditionalGeneration");
        assertEquals(List.of("needs 2.5 support: Gemma 4, keyframe marker; the engine does not have that"), problems());
    }

    /// @return what opening the folder is refused with
    private List<String> problems() {
        ModelFiles files = ModelFiles.of(folder);
        return assertThrows(CheckpointException.class, files::openCheckpoint).problems();
    }

    private void replace(String file, String found, String by) throws IOException {
        String text = Files.readString(folder.resolve(file));
        assertTrue(text.contains(found), text);
        Files.writeString(folder.resolve(file), text.replace(found, by));
    }

    static void assertSameRun(Path official, Path diffusers) {
        Run one = run(official);
        Run other = run(diffusers);
        assertArrayEquals(one.videoContext(), other.videoContext());
        assertArrayEquals(one.audioContext(), other.audioContext());
        assertArrayEquals(one.video(), other.video());
        assertArrayEquals(one.audio(), other.audio());
        assertArrayEquals(one.frames(), other.frames());
        assertArrayEquals(one.samples(), other.samples());
    }

    private static Run run(Path model) {
        try (TensorScope _ = TensorScope.open();
                RandomStream noise = RandomStream.seeded(1);
                Ltx2 loaded = Ltx2.load(ModelFiles.of(model), Device.CPU, DataType.FLOAT32)) {
            StreamGuidance guided = new StreamGuidance(2, 0, Set.of(), 1, 0, 0);
            var settings = new DenoisingLoop.Settings(
                    SigmaSchedule.Shifted.STOCK.sigmas(3),
                    new Sampler.Euler(),
                    new Guidance(guided, guided),
                    GuidanceRules.Spread.PER_CLIP);
            var phase = Denoiser.Phase.ofNothing(new Denoiser.Picture(9, 64, 64, 24), settings);
            var job = new Denoiser.Job(9, 24, 7, Noise.STOCK, List.of(phase), null, 0);
            TextContext positive = loaded.textEncoder().encode("A red circle.");
            TextContext negative = loaded.textEncoder().encode("");
            Latents latents =
                    loaded.denoiser().denoise(job, positive, negative, DenoisingListener.NONE, TraceListener.NONE);
            Clip clip = loaded.decoder().decode(latents, noise);
            return new Run(
                    positive.video().toFloatArray(),
                    positive.audio().toFloatArray(),
                    latents.video().toFloatArray(),
                    latents.audio().toFloatArray(),
                    clip.frames().to(DataType.FLOAT32).toFloatArray(),
                    clip.samples().toFloatArray());
        }
    }
}
