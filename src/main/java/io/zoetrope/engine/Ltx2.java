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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One model on one device: the three stages of making a clip, over one mapped checkpoint.
public final class Ltx2 implements AutoCloseable {

    private static final List<String> NEEDED = List.of(
            "model.diffusion_model.",
            "text_embedding_projection.",
            "vae.decoder.",
            "vae.per_channel_statistics.",
            "audio_vae.decoder.",
            "audio_vae.per_channel_statistics.",
            "vocoder.");

    private final TensorArena arena;
    private final ModelFiles files;
    private final Checkpoint checkpoint;
    private final Device device;
    private final DataType type;
    private final TextEncoder textEncoder;
    private final Denoiser denoiser;
    private final Decoder decoder;
    private final Map<String, LatentUpsampler> upsamplers = new HashMap<>();
    private final Map<String, Lora> loras = new HashMap<>();
    private MediaEncoder mediaEncoder; // null until something is given

    private Ltx2(TensorArena arena, ModelFiles files, Device device, DataType type, WeightStorage storage) {
        this.arena = arena;
        this.files = files;
        this.device = device;
        this.type = type;
        this.checkpoint = arena.own(files.openCheckpoint());
        requireComplete(checkpoint);
        this.denoiser = arena.own(Denoiser.load(checkpoint, device, type, Denoiser.WeightOptions.of(type, storage)));
        this.decoder = arena.own(Decoder.load(checkpoint, device, type));
        this.textEncoder = arena.own(TextEncoder.load(checkpoint, files.openGemma(), device, type));
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
        TensorArena arena = new TensorArena();
        try {
            return new Ltx2(arena, files, device, type, storage);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// @throws io.zoetrope.engine.checkpoint.CheckpointException naming the prefixes of all networks that are missing
    public static void requireComplete(Checkpoint checkpoint) {
        checkpoint.requirePrefixes(NEEDED);
    }

    public TextEncoder textEncoder() {
        return textEncoder;
    }

    public Denoiser denoiser() {
        return denoiser;
    }

    public Decoder decoder() {
        return decoder;
    }

    /// The encoders of given pictures and sounds, loaded when they are first needed.
    ///
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if the checkpoint has none
    public synchronized MediaEncoder mediaEncoder() {
        if (mediaEncoder == null) {
            mediaEncoder = arena.own(MediaEncoder.load(checkpoint, device, type));
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
            return arena.own(LatentUpsampler.open(file, checkpoint, device, type));
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

    @Override
    public void close() {
        arena.close();
    }
}
