package io.zoetrope.engine.text;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.List;

/// A prompt to its two contexts.
public final class TextEncoder implements AutoCloseable {

    /// Text slots of the stock pipelines.
    public static final int SLOTS = 1024;

    private final TensorArena arena;
    private final Tokenizer tokenizer;
    private final GemmaModel gemma;
    private final FeatureExtractor features;
    private final Connector video;
    private final Connector audio;
    private final Device device;

    private TextEncoder(
            TensorArena arena,
            Tokenizer tokenizer,
            GemmaModel gemma,
            FeatureExtractor features,
            Connector video,
            Connector audio,
            Device device) {
        this.arena = arena;
        this.tokenizer = tokenizer;
        this.gemma = gemma;
        this.features = features;
        this.video = video;
        this.audio = audio;
        this.device = device;
    }

    /// @param checkpoint of the LTX-2 model; must stay open as long as the encoder
    /// @param folder     of the text model
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public static TextEncoder load(Checkpoint checkpoint, GemmaFolder folder, Device device, DataType type) {
        TensorArena arena = new TensorArena();
        try {
            Checkpoint text = arena.own(Checkpoint.open(folder.weights()));
            Tokenizer tokenizer = arena.own(Tokenizer.open(folder.tokenizer()));
            ConfigSection section =
                    ConfigSection.of("transformer", checkpoint.config().path("transformer"));
            return build(
                    arena,
                    tokenizer,
                    folder.config(),
                    Weights.of(text, device, type, arena).under(GemmaFolder.prefix(text)),
                    TextEncoderConfig.of(section),
                    Weights.of(checkpoint, device, type, arena));
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
            Weights root) {
        GemmaModel gemma = GemmaModel.load(gemmaConfig, language);
        language.finish("text model");
        Weights projection = root.under("text_embedding_projection");
        FeatureExtractor features =
                FeatureExtractor.load(config, gemmaConfig.width(), gemmaConfig.states(), projection);
        projection.finish("text projection");
        Weights videoWeights = root.under("model.diffusion_model.video_embeddings_connector");
        Connector video = Connector.load(config.video(), videoWeights);
        videoWeights.finish("video text connector");
        Weights audioWeights = root.under("model.diffusion_model.audio_embeddings_connector");
        Connector audio = Connector.load(config.audio(), audioWeights);
        audioWeights.finish("audio text connector");
        return new TextEncoder(arena, tokenizer, gemma, features, video, audio, root.device());
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
        try (TensorScope scope = TensorScope.open()) {
            List<Tensor> states = gemma.forward(Tensor.of(ids, 1, ids.length).to(device));
            Tensor stacked = Tensor.stack(-1, states.toArray(Tensor[]::new)).select(0, 0); // [n, H, L + 1]
            FeatureExtractor.Features found = features.project(features.normalise(stacked));
            return new TextContext(
                    scope.keep(video.forward(found.video(), slots)), scope.keep(audio.forward(found.audio(), slots)));
        }
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public void close() {
        arena.close();
    }
}
