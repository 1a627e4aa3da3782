package io.zoetrope.plan;

import io.zoetrope.request.Pipeline;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the planner must know about a model; all of it stands in the checkpoint.
///
/// @param name      registered name
/// @param version   `model_version` of the checkpoint
/// @param digest    of its files, so that a plan says which weights it means
/// @param pipelines those that this model and build offer
/// @param upsamplers that lie beside it
/// @param loras     that lie beside it
public record ModelDescription(
        String name,
        String version,
        String digest,
        Set<Pipeline> pipelines,
        Text text,
        Transformer transformer,
        Video video,
        Audio audio,
        Weights weights,
        List<Upsampler> upsamplers,
        List<Lora> loras) {

    public ModelDescription {
        pipelines = Set.copyOf(pipelines);
        upsamplers = List.copyOf(upsamplers);
        loras = List.copyOf(loras);
        if (pipelines.isEmpty()) {
            throw new IllegalArgumentException("model %s offers no pipeline".formatted(name));
        }
    }

    /// The text model and the contexts that come of it.
    ///
    /// @param slots             token slots of a prompt, the first of which is the begin marker
    /// @param hiddenWidth       width of the language model
    /// @param layers            its layers; their states and the embedding all enter the context
    /// @param heads             attention heads
    /// @param feedForwardWidth  width between the two halves of a feed-forward
    /// @param videoContextWidth width of the context that the video stream reads
    /// @param audioContextWidth width of the context that the audio stream reads
    public record Text(
            int slots,
            int hiddenWidth,
            int layers,
            int heads,
            int feedForwardWidth,
            int videoContextWidth,
            int audioContextWidth) {}

    /// The two-stream transformer.
    ///
    /// @param fixedTextKeys whether keys and values of the text are the same in all steps (2.0); then those of
    ///                      all blocks are kept
    public record Transformer(int videoWidth, int audioWidth, int blocks, boolean fixedTextKeys) {}

    /// Video latents and their decoder.
    ///
    /// @param spatialScale   pixels per latent pixel
    /// @param temporalScale  frames per latent frame, after the first
    /// @param smallestSide   in pixels: 64 for a decoder that pads by reflection, otherwise one latent pixel
    /// @param patchSize      pixels per side of a patch in the decoder's last layer
    /// @param widestChannels channels of the decoder at the resolution of patches
    public record Video(
            int latentChannels,
            int spatialScale,
            int temporalScale,
            int smallestSide,
            int patchSize,
            int widestChannels) {}

    /// Audio latents, their decoder and the vocoder.
    ///
    /// @param latentBins               mel bins of a latent frame
    /// @param latentFramesPerSecond    Hz
    /// @param melFramesPerLatentFrame  after the first latent frame, which gives one
    /// @param samplesPerMelFrame       at the output's rate
    /// @param sampleRate               of the output, Hz
    /// @param widestElementsPerMelFrame elements of the widest activation of decoder or vocoder, per mel frame
    public record Audio(
            int latentChannels,
            int latentBins,
            double latentFramesPerSecond,
            int melFramesPerLatentFrame,
            int samplesPerMelFrame,
            int sampleRate,
            int widestElementsPerMelFrame) {}

    /// Bytes of the weights that each stage needs, in the type in which they lie in memory.
    ///
    /// @param decode of both decoders; used again for every tile, so that there must be room for them
    public record Weights(Streamed textEncode, Streamed denoise, long decode) {}

    /// Weights that a pass goes through once, from the first layer to the last.
    ///
    /// @param bytes    in the type in which they lie in memory
    /// @param asStored of these, the bytes of the tensors that have that type in the file too: on a CPU they stay
    ///                 there, and are read as they are needed
    public record Streamed(long bytes, long asStored) {

        Streamed plus(Streamed other) {
            return new Streamed(bytes + other.bytes, asStored + other.asStored);
        }

        Streamed minus(Streamed other) {
            return new Streamed(bytes - other.bytes, asStored - other.asStored);
        }
    }

    /// A latent upsampler beside the model.
    ///
    /// @param name   of its file, without ending
    /// @param digest of its file
    /// @param width  of its layers
    /// @param bytes  of its weights
    public record Upsampler(io.zoetrope.request.Upsampler kind, String name, String digest, int width, long bytes) {}

    /// A LoRA beside the model.
    ///
    /// @param name           of its file, without ending
    /// @param digest         of its file
    /// @param spatialFactor  target size / reference size that it was trained for
    /// @param temporalFactor target fps / reference fps likewise
    /// @param touchedBytes   of the weights that it changes, which lie in memory twice
    public record Lora(String name, String digest, int spatialFactor, int temporalFactor, long touchedBytes) {}

    Optional<Lora> lora(String wanted) {
        return loras.stream().filter(lora -> lora.name().equals(wanted)).findFirst();
    }

    /// The first upsampler of a kind, by name.
    Optional<Upsampler> upsampler(io.zoetrope.request.Upsampler kind) {
        return upsamplers.stream().filter(upsampler -> upsampler.kind() == kind).findFirst();
    }
}
