package io.zoetrope.plan;

import java.util.stream.IntStream;

/// Predicts the memory of the three stages. Each formula counts what a straightforward run keeps alive at its
/// fullest moment; what is left out is small. All sums are in bytes, `e` is the size of an element on the
/// device.
final class MemoryModel {

    private static final int FLOAT32_BYTES = 4;

    /// Block inputs, normalised copies, queries, keys and values, or the two halves of a feed-forward (4 widths
    /// each) with input and normalised copy: values per token and unit of width.
    private static final int BLOCK_WIDTHS = 12;

    /// Latent-sized float32 tensors of the loop besides one per pass: latent, clean, noise, mask, noisy, previous.
    private static final int LOOP_TENSORS = 8;

    /// A residual unit keeps input and two results; windows of a convolution and the library's copies take the rest.
    private static final int ENCODER_TENSORS = 5;

    /// Latent-sized tensors of the upsampler's width that are alive at once.
    private static final int UPSAMPLER_TENSORS = 5;

    private final ModelDescription model;
    private final ComputeDevice device;
    private final GivenContent given;

    MemoryModel(ModelDescription model, ComputeDevice device, GivenContent given) {
        this.model = model;
        this.device = device;
        this.given = given;
    }

    /// The most guidance passes whose batch fits into the device with everything else; 1 if nothing fits.
    int passesAtOnce(GenerationPlan.Video video, GenerationPlan.Audio audio, Guidance guidance) {
        return IntStream.iterate(
                        Math.min(device.passesAtOnce(), guidance.passes()), count -> count > 1, count -> count - 1)
                .filter(count -> of(video, audio, guidance, count).most() <= device.totalBytes())
                .findFirst()
                .orElse(1);
    }

    /// @param passesAtOnce guidance passes that go through the transformer as one batch
    StageMemory of(GenerationPlan.Video video, GenerationPlan.Audio audio, Guidance guidance, int passesAtOnce) {
        long upsampler =
                given.upsampler().map(ModelDescription.Upsampler::bytes).orElse(0L);
        return new StageMemory(
                streamed(model.weights().textEncode(), 0, textEncode(guidance) + encode(video)),
                streamed(
                        model.weights().denoise(),
                        upsampler,
                        denoise(video, audio, guidance, passesAtOnce) + given.touchedBytes()),
                new StageMemory.Use(
                        model.weights().decode(), 0, new DecodeMemory(model, device).activations(video, audio)));
    }

    private StageMemory.Use streamed(ModelDescription.Streamed weights, long others, long activations) {
        return new StageMemory.Use(
                weights.bytes() + others, device.mapsWeights() ? weights.asStored() : 0, activations);
    }

    /// One prompt at a time: all hidden states `[S, H, L+1]` and their flattened float32 copy, one layer's work with
    /// its attention scores `[N, S, S]`, and the finished contexts of all prompts.
    private long textEncode(Guidance guidance) {
        ModelDescription.Text text = model.text();
        long slots = text.slots();
        long e = device.precision().bytes();
        long states = slots * text.hiddenWidth() * (text.layers() + 1) * (e + FLOAT32_BYTES);
        long layer = slots * (6L * text.hiddenWidth() + 3L * text.feedForwardWidth()) * e;
        long scores = slots * slots * text.heads() * FLOAT32_BYTES;
        return states + layer + scores + contexts(guidance);
    }

    /// Given pictures: the encoder's widest activation `[C, F, H/p, W/p]` several times, and the pixels in float32.
    private long encode(GenerationPlan.Video video) {
        long pixels = (long) given.encodedFrames(video) * video.height() * video.width();
        long patches =
                pixels / ((long) model.video().patchSize() * model.video().patchSize());
        return ENCODER_TENSORS
                        * model.video().widestChannels()
                        * patches
                        * device.precision().bytes()
                + 3 * pixels * (FLOAT32_BYTES + 1);
    }

    private long contexts(Guidance guidance) {
        long widths = model.text().videoContextWidth() + model.text().audioContextWidth();
        return guidance.contexts()
                * model.text().slots()
                * widths
                * device.precision().bytes();
    }

    /// One block's work for the passes that run together, rotary tables, contexts, the text's keys and values
    /// (of all blocks where they never change, otherwise of one), and the latents of the loop. Passes of a batch
    /// that read the same text have copies of its keys and values.
    ///
    /// Of two phases the first has guidance and references, the second is larger; enlarging comes between them.
    private long denoise(GenerationPlan.Video video, GenerationPlan.Audio audio, Guidance guidance, int passesAtOnce) {
        if (given.upsampler().isEmpty()) {
            return denoise(video, audio, guidance, passesAtOnce, true);
        }
        GenerationPlan.Video base =
                new LatentGeometry(model).base(video, given.upsampler().get().kind());
        long phases = Math.max(
                denoise(base, audio, guidance, passesAtOnce, true), denoise(video, audio, Guidance.OFF, 1, false));
        return Math.max(phases, upsample(video) + contexts(guidance));
    }

    private long denoise(
            GenerationPlan.Video video,
            GenerationPlan.Audio audio,
            Guidance guidance,
            int passes,
            boolean withReferences) {
        ModelDescription.Transformer transformer = model.transformer();
        long e = device.precision().bytes();
        long videoWidth = transformer.videoWidth();
        long audioWidth = transformer.audioWidth();
        long videoTokens = video.tokens() + given.appendedTokens(video, withReferences);
        long block = BLOCK_WIDTHS * passes * (videoTokens * videoWidth + audio.tokens() * audioWidth) * e;
        // cosine and sine, half a width each: own attention and the meeting of the streams, which has audio width
        long rotary = (videoTokens * (videoWidth + audioWidth) + 2 * audio.tokens() * audioWidth) * e;
        long texts = guidance.contexts() + (passes > guidance.contexts() ? passes : 0);
        long keptKeys = transformer.fixedTextKeys() ? transformer.blocks() * texts : passes;
        long textKeys = keptKeys * 2 * model.text().slots() * (videoWidth + audioWidth) * e;
        long latents =
                videoTokens * video.latentChannels() + audio.tokens() * audio.latentChannels() * audio.latentBins();
        long loop = (LOOP_TENSORS + guidance.passes()) * latents * FLOAT32_BYTES;
        long matrix =
                withReferences && given.needsAttentionMatrix() ? videoTokens * videoTokens * (FLOAT32_BYTES + e) : 0;
        return block + matrix + rotary + contexts(guidance) + textKeys + loop;
    }

    private long upsample(GenerationPlan.Video video) {
        return given.upsampler()
                .map(upsampler -> UPSAMPLER_TENSORS
                        * upsampler.width()
                        * video.tokens()
                        * (long) device.precision().bytes())
                .orElse(0L);
    }
}
