package io.zoetrope.engine.text;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.List;
import java.util.function.Supplier;

/// A prompt to its two contexts.
public final class TextEncoder implements AutoCloseable {

    /// Text slots of the stock pipelines.
    public static final int SLOTS = 1024;

    /// The networks between a prompt's ids and its contexts.
    private record Networks(GemmaModel gemma, FeatureExtractor features, Connector video, Connector audio) {}

    private final TensorArena arena;
    private final Tokenizer tokenizer;
    private final Networks networks;
    private final PromptLayout layout;
    private final Device device;
    private final Chat chat;

    /// What rewriting prompts needs to know of the text model's folder.
    ///
    /// @param config      read when it is wanted
    /// @param visionTower whether the model could see pictures
    private record Chat(Supplier<ChatConfig> config, boolean visionTower) {}

    private TextEncoder(
            TensorArena arena, Tokenizer tokenizer, Networks networks, PromptLayout layout, Device device, Chat chat) {
        this.arena = arena;
        this.tokenizer = tokenizer;
        this.networks = networks;
        this.layout = layout;
        this.device = device;
        this.chat = chat;
    }

    /// Loads with the layout that is usual for `type`.
    ///
    /// @param checkpoint of the LTX-2 model; must stay open as long as the encoder
    /// @param folder     of the text model
    /// @throws CheckpointException if anything is missing or does not fit
    public static TextEncoder load(Checkpoint checkpoint, GemmaFolder folder, Device device, DataType type) {
        return load(checkpoint, folder, device, type, PromptLayout.usualFor(type));
    }

    /// @param layout how prompts lie in the text model's row
    /// @throws CheckpointException if anything is missing or does not fit
    public static TextEncoder load(
            Checkpoint checkpoint, GemmaFolder folder, Device device, DataType type, PromptLayout layout) {
        GemmaPairing.require(checkpoint, folder);
        TensorArena arena = new TensorArena();
        try {
            Checkpoint text = arena.own(Checkpoint.open(folder.weights()));
            Tokenizer tokenizer = arena.own(Tokenizer.open(folder.tokenizer()));
            return build(
                    arena,
                    tokenizer,
                    folder.config(),
                    Weights.of(text, device, type, arena).under(GemmaFolder.prefix(text)),
                    TextEncoderConfig.of(
                            ConfigSection.of("transformer", checkpoint.config().path("transformer"))),
                    Weights.of(checkpoint, device, type, arena),
                    layout,
                    new Chat(() -> ChatConfig.read(folder, tokenizer), hasVisionTower(text)));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// Builds an encoder of parts that lie elsewhere than in a model's files.
    ///
    /// @param arena    owns the weights; taken over
    /// @param language weights at the language model
    /// @param root     weights at the root of the LTX-2 checkpoint
    public static TextEncoder build(
            TensorArena arena,
            Tokenizer tokenizer,
            GemmaConfig gemmaConfig,
            Weights language,
            TextEncoderConfig config,
            Weights root,
            PromptLayout layout) {
        Chat chat = new Chat(() -> ChatConfig.of(tokenizer), false);
        return build(arena, tokenizer, gemmaConfig, language, config, root, layout, chat);
    }

    private static TextEncoder build(
            TensorArena arena,
            Tokenizer tokenizer,
            GemmaConfig gemmaConfig,
            Weights language,
            TextEncoderConfig config,
            Weights root,
            PromptLayout layout,
            Chat chat) {
        config.requireFeaturesThatFitConnectors();
        GemmaModel gemma = GemmaModel.load(gemmaConfig, language);
        language.finish("text model");
        Weights projection = root.under("text_embedding_projection");
        Weights video = root.under("model.diffusion_model.video_embeddings_connector");
        Weights audio = root.under("model.diffusion_model.audio_embeddings_connector");
        Networks networks = new Networks(
                gemma,
                FeatureExtractor.load(config, gemmaConfig.width(), gemmaConfig.states(), projection),
                Connector.load(config.video(), video),
                Connector.load(config.audio(), audio));
        for (Weights part : List.of(projection, video, audio)) {
            part.finish("text encoder");
        }
        return new TextEncoder(arena, tokenizer, networks, layout, root.device(), chat);
    }

    /// Slots that a prompt takes, its beginning included.
    public int count(String prompt) {
        return tokenizer.count(prompt);
    }

    /// @throws IllegalArgumentException if the prompt has more than 1024 tokens, its beginning included
    public TextContext encode(String prompt) {
        long[] ids = tokenizer.encode(prompt);
        if (ids.length > SLOTS) {
            throw new IllegalArgumentException(
                    "prompt of %d tokens, expected at most %d".formatted(ids.length - 1, SLOTS - 1));
        }
        return encode(ids, SLOTS);
    }

    /// @param ids   of the real tokens
    /// @param slots S, a multiple of 128
    public TextContext encode(long[] ids, int slots) {
        networks.gemma().requireKnown(ids);
        Connector.requireSlots(ids.length, slots);
        try (TensorScope scope = TensorScope.open()) {
            FeatureExtractor extractor = networks.features();
            FeatureExtractor.Features features = extractor.project(extractor.normalise(states(ids, slots)));
            return new TextContext(
                    scope.keep(networks.video().forward(features.video(), slots)),
                    scope.keep(networks.audio().forward(features.audio(), slots)));
        }
    }

    /// Rewrites prompts with this encoder's text model, whose weights it shares, on the thread that calls it; for
    /// as long as the encoder is open.
    ///
    /// @throws CheckpointException if one of the files that say how to talk with the text model is damaged
    public PromptEnhancer enhancer() {
        return PromptEnhancer.of(networks.gemma(), tokenizer, chat.config().get(), chat.visionTower());
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public void close() {
        arena.close();
    }

    private static boolean hasVisionTower(Checkpoint text) {
        return text.hasPrefix("vision_tower.") || text.hasPrefix("model.vision_tower.");
    }

    /// All hidden states of the real tokens.
    ///
    /// @return `[n, H, L + 1]`
    private Tensor states(long[] ids, int slots) {
        List<Tensor> states = switch (layout) {
            case REAL_TOKENS ->
                networks.gemma().forward(Tensor.of(ids, 1, ids.length).to(device));
            case PADDED -> {
                PaddedPrompt row = PaddedPrompt.of(ids, slots);
                yield networks.gemma().forward(row.ids().to(device), row.mask().to(device));
            }
        };
        Tensor[] real = states.stream()
                .map(state -> state.select(0, 0).narrow(0, state.size(1) - ids.length, ids.length)) // [n, H]
                .toArray(Tensor[]::new);
        return Tensor.stack(-1, real);
    }
}
