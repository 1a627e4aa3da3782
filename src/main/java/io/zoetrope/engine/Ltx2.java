package io.zoetrope.engine;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.text.TextEncoder;
import java.util.List;

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
    private final TextEncoder textEncoder;
    private final Denoiser denoiser;
    private final Decoder decoder;

    private Ltx2(TensorArena arena, TextEncoder textEncoder, Denoiser denoiser, Decoder decoder) {
        this.arena = arena;
        this.textEncoder = textEncoder;
        this.denoiser = denoiser;
        this.decoder = decoder;
    }

    /// @param type in which the networks compute
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public static Ltx2 load(ModelFiles files, Device device, DataType type) {
        TensorArena arena = new TensorArena();
        try {
            Checkpoint checkpoint = arena.own(files.openCheckpoint());
            requireComplete(checkpoint);
            Denoiser denoiser = arena.own(Denoiser.load(checkpoint, device, type));
            Decoder decoder = arena.own(Decoder.load(checkpoint, device, type));
            TextEncoder textEncoder = arena.own(TextEncoder.load(checkpoint, files.openGemma(), device, type));
            return new Ltx2(arena, textEncoder, denoiser, decoder);
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

    @Override
    public void close() {
        arena.close();
    }
}
