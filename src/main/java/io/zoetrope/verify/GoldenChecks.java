package io.zoetrope.verify;

import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Which check runs which component.
public final class GoldenChecks {

    private static final Map<String, GoldenCheck> BY_COMPONENT = Map.ofEntries(
            Map.entry("audio-vae-decoder", new AudioDecoderCheck()),
            Map.entry("audio-vae-encoder", new AudioEncoderCheck()),
            Map.entry("conditioning", new ConditioningCheck()),
            Map.entry("connectors", new ConnectorsCheck()),
            Map.entry("feature-extractor", new FeatureExtractorCheck()),
            Map.entry("gemma", new GemmaCheck()),
            Map.entry("generate", new GenerateCheck()),
            Map.entry("guidance", new GuidanceCheck()),
            Map.entry("image-preprocess", new ImagePreprocessCheck()),
            Map.entry("latent-upsampler", new UpsamplerCheck()),
            Map.entry("lora", new LoraCheck()),
            Map.entry("mel", new MelCheck()),
            Map.entry("noise", new NoiseCheck()),
            Map.entry("patchify-positions", new PatchifyPositionsCheck()),
            Map.entry("prompt-context", new PromptContextCheck()),
            Map.entry("prompt-embeddings", new PromptEmbeddingsCheck()),
            Map.entry("rope", new RopeCheck()),
            Map.entry("sampler", new SamplerCheck()),
            Map.entry("sigma-schedule", new SigmaScheduleCheck()),
            Map.entry("transformer", new TransformerCheck()),
            Map.entry("transformer-block", new TransformerBlockCheck()),
            Map.entry("two-stage", new TwoStageCheck()),
            Map.entry("video-vae-decoder", new VideoDecoderCheck()),
            Map.entry("video-vae-encoder", new VideoEncoderCheck()),
            Map.entry("video-vae-tiled-decode", new TiledDecodeCheck()),
            Map.entry("vocoder", new VocoderCheck()));

    private GoldenChecks() {}

    /// The components of the engine that have a check, sorted.
    public static SortedSet<String> components() {
        SortedSet<String> components = new TreeSet<>(BY_COMPONENT.keySet());
        components.add(TokenizerCheck.COMPONENT);
        return components;
    }

    public static Optional<GoldenCheck> of(String component) {
        return Optional.ofNullable(BY_COMPONENT.get(component));
    }
}
