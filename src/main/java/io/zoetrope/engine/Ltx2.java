package io.zoetrope.engine;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.lora.Lora;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.text.TextEncoder;
import io.zoetrope.engine.upsampler.LatentUpsampler;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One model on one device: the three stages of making a clip, over one mapped checkpoint.
public final class Ltx2 implements AutoCloseable {

    /// The networks that a worker may do without, because others do their stage.
    public enum Part {
        /// Prompts to contexts.
        TEXT_ENCODER("text_embedding_projection."),
        /// Contexts to latents.
        DENOISER("model.diffusion_model."),
        /// Latents to frames and samples.
        DECODER(
                "vae.decoder.",
                "vae.per_channel_statistics.",
                "audio_vae.decoder.",
                "audio_vae.per_channel_statistics.",
                "vocoder.");

        private final List<String> prefixes;

        Part(String... prefixes) {
            this.prefixes = List.of(prefixes);
        }
    }

    private final TensorArena arena;
    private final ModelFiles files;
    private final Checkpoint checkpoint;
    private final Device device;
    private final DataType type;
    private final TextEncoder textEncoder; // null if not loaded, as the next two
    private final Denoiser denoiser;
    private final Decoder decoder;
    private final Map<String, LatentUpsampler> upsamplers = new HashMap<>();
    private final Map<String, Lora> loras = new HashMap<>();
    private MediaEncoder mediaEncoder; // null until something is given

    private Ltx2(
            TensorArena arena,
            ModelFiles files,
            Device device,
            DataType type,
            Denoiser.WeightOptions weights,
            Set<Part> parts) {
        this.arena = arena;
        this.files = files;
        this.device = device;
        this.type = type;
        this.checkpoint = arena.own(files.openCheckpoint());
        requireComplete(checkpoint, parts);
        this.denoiser =
                parts.contains(Part.DENOISER) ? arena.own(Denoiser.load(checkpoint, device, type, weights)) : null;
        this.decoder = parts.contains(Part.DECODER) ? arena.own(Decoder.load(checkpoint, device, type)) : null;
        this.textEncoder = parts.contains(Part.TEXT_ENCODER)
                ? arena.own(TextEncoder.load(checkpoint, files.openGemma(), device, type))
                : null;
        device.finish(); // other threads may use what this one has loaded
    }

    /// @param type in which the networks compute
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public static Ltx2 load(ModelFiles files, Device device, DataType type) {
        return load(files, device, type, WeightStorage.COMPUTE_TYPE);
    }

    /// @param type    in which the networks compute
    /// @param storage of the transformer's large layers
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public static Ltx2 load(ModelFiles files, Device device, DataType type, WeightStorage storage) {
        return load(files, device, type, Denoiser.WeightOptions.of(type, storage), EnumSet.allOf(Part.class));
    }

    /// @param weights of the transformer
    /// @param parts   to load; the others can not be asked for
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything of them is missing or does not fit
    public static Ltx2 load(
            ModelFiles files, Device device, DataType type, Denoiser.WeightOptions weights, Set<Part> parts) {
        TensorArena arena = new TensorArena();
        try {
            return new Ltx2(arena, files, device, type, weights, parts);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// @throws io.zoetrope.engine.checkpoint.CheckpointException naming the prefixes of all networks that are missing
    public static void requireComplete(Checkpoint checkpoint) {
        requireComplete(checkpoint, EnumSet.allOf(Part.class));
    }

    private static void requireComplete(Checkpoint checkpoint, Set<Part> parts) {
        checkpoint.requirePrefixes(
                parts.stream().flatMap(part -> part.prefixes.stream()).toList());
    }

    public TextEncoder textEncoder() {
        return loaded(textEncoder, Part.TEXT_ENCODER);
    }

    public Denoiser denoiser() {
        return loaded(denoiser, Part.DENOISER);
    }

    public Decoder decoder() {
        return loaded(decoder, Part.DECODER);
    }

    /// The encoders of given pictures and sounds, loaded when they are first needed.
    ///
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if the checkpoint has none
    public synchronized MediaEncoder mediaEncoder() {
        if (mediaEncoder == null) {
            mediaEncoder = arena.own(MediaEncoder.load(checkpoint, device, type));
            device.finish();
        }
        return mediaEncoder;
    }

    /// An upsampler beside the model, loaded when it is first needed.
    ///
    /// @param name of its file, without ending
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public synchronized LatentUpsampler upsampler(String name) {
        return upsamplers.computeIfAbsent(name, wanted -> {
            Path file = files.upsamplers().get(wanted);
            if (file == null) {
                throw new CheckpointException(
                        wanted,
                        "is no upsampler of this model, expected one of "
                                + files.upsamplers().keySet());
            }
            LatentUpsampler upsampler = arena.own(LatentUpsampler.open(file, checkpoint, device, type));
            device.finish();
            return upsampler;
        });
    }

    /// An adapter beside the model, mapped when it is first needed.
    ///
    /// @param name of its file, without ending
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if it is damaged
    public synchronized Lora lora(String name) {
        return loras.computeIfAbsent(name, wanted -> {
            Path file = files.loras().get(wanted);
            if (file == null) {
                throw new CheckpointException(
                        wanted,
                        "is no LoRA of this model, expected one of "
                                + files.loras().keySet());
            }
            return arena.own(Lora.open(file));
        });
    }

    private static <T> T loaded(T network, Part part) {
        if (network == null) {
            throw new IllegalStateException("%s was not loaded: this worker does not do its stage".formatted(part));
        }
        return network;
    }

    @Override
    public void close() {
        arena.close();
    }
}
