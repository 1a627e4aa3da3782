package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.MappedPages;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// The dual-stream transformer.
///
/// A request prepares its [Geometry] and [StreamText] once; then every step and guidance pass is one
/// [#forward].
///
/// Source: docs/model/transformer.md.
public final class Transformer {

    private final TransformerConfig config;
    private final DataType type;
    private final Device device;
    private final Stream video;
    private final Stream audio;
    private final List<TransformerBlock> blocks;
    private final BlockSupply supply;

    private Transformer(TransformerConfig config, Weights weights, Function<List<MappedPages>, BlockSupply> supply) {
        List<TransformerBlock> loaded = new ArrayList<>();
        List<MappedPages> mapped = new ArrayList<>();
        for (int block = 0; block < config.blocks(); block++) {
            Weights blockWeights = weights.under("transformer_blocks", block);
            loaded.add(TransformerBlock.load(config, blockWeights));
            mapped.add(blockWeights.mapped());
        }
        this.config = config;
        this.type = weights.type();
        this.device = weights.device();
        this.video = Stream.video(config, loaded, weights);
        this.audio = Stream.audio(config, loaded, weights);
        this.blocks = List.copyOf(loaded);
        this.supply = supply.apply(mapped);
    }

    /// Builds the network; [Weights#finish] then tells what was missing.
    ///
    /// @param weights at the transformer's own keys, without the prefix `model.diffusion_model.`
    public static Transformer load(TransformerConfig config, Weights weights) {
        return load(config, weights, mapped -> readAhead(mapped, weights));
    }

    static Transformer load(TransformerConfig config, Weights weights, BlockSupply supply) {
        return load(config, weights, _ -> supply);
    }

    /// @param supply of the blocks, from their parts in mapped files
    static Transformer load(
            TransformerConfig config, Weights weights, Function<List<MappedPages>, BlockSupply> supply) {
        // They share the transformer's prefix and belong to the text encoder.
        weights.ignore("video_embeddings_connector.", "audio_embeddings_connector.");
        return new Transformer(config, weights, supply);
    }

    private static BlockSupply readAhead(List<MappedPages> mapped, Weights weights) {
        ReadAhead readAhead = weights.owned(ReadAhead.over(mapped));
        return readAhead.isIdle() ? BlockSupply.RESIDENT : readAhead;
    }

    public TransformerConfig config() {
        return config;
    }

    /// The element type that the network computes in.
    public DataType type() {
        return type;
    }

    public Device device() {
        return device;
    }

    /// Whether a pass does nothing but compute, so that it can be recorded.
    boolean recordable() {
        return supply == BlockSupply.RESIDENT;
    }

    /// Where the picture's tokens are. Made once per request; [Geometry#keptBy] lets it outlive the scope.
    ///
    /// @param positions float32 `[B, 3, T, 2]`
    public Geometry videoGeometry(Tensor positions) {
        return geometry(video, positions);
    }

    /// Where the sound's tokens are.
    ///
    /// @param positions float32 `[B, 1, T, 2]`
    public Geometry audioGeometry(Tensor positions) {
        return geometry(audio, positions);
    }

    /// The text of the picture. Made once per prompt; [StreamText#keptBy] lets it outlive the scope.
    ///
    /// @param context `[B, S, width of the text stage]`
    /// @param mask    1 for slots that count, 0 for others, integer `[B, S]`; null if all count
    public StreamText videoText(Tensor context, Tensor mask) {
        return text(video, TransformerBlock::video, context, mask);
    }

    /// The text of the sound.
    ///
    /// @param context `[B, S, width of the text stage]`
    /// @param mask    as for the picture's text
    public StreamText audioText(Tensor context, Tensor mask) {
        return text(audio, TransformerBlock::audio, context, mask);
    }

    /// How much tokens of a stream see of each other. Made once per request.
    ///
    /// @param weights `[B, T, T]`, 0 to 1: row token sees column token not at all … fully
    /// @return for [StreamInput], `[B, 1, T, T]`
    public Tensor selfMask(Tensor weights) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor logarithm = weights.to(device, DataType.FLOAT32).log().atLeast(lowest());
            return scope.keep(logarithm.to(type).unsqueeze(1));
        }
    }

    /// Evaluates the network.
    ///
    /// @param videoInput    null if there is no picture
    /// @param audioInput    null if there is no sound
    /// @param perturbations one per sample; empty for none
    /// @return the velocities, in the network's element type
    public Velocity forward(StreamInput videoInput, StreamInput audioInput, List<Perturbation> perturbations) {
        return forward(videoInput, audioInput, perturbations, Trace.NONE);
    }

    /// Evaluates the network under observation.
    ///
    /// @param trace sees, for video and audio, `video.entered`, the heads' `video.modulation.embedded` and
    ///              `.vectors` (likewise `cross`, `gate`, `prompt`), and `video.block0`, … after every block
    public Velocity forward(
            StreamInput videoInput, StreamInput audioInput, List<Perturbation> perturbations, Trace trace) {
        requireFitting(videoInput, audioInput, perturbations);
        try (TensorScope scope = TensorScope.open()) {
            var perturbation = Perturbation.inBlocks(blocks.size(), perturbations, type, device);
            StreamSteps videoSteps = steps(video, videoInput, audioInput, trace.under("video."));
            StreamSteps audioSteps = steps(audio, audioInput, videoInput, trace.under("audio."));
            Tensor videoHidden = enter(video, videoInput, trace.under("video."));
            Tensor audioHidden = enter(audio, audioInput, trace.under("audio."));
            for (int index = 0; index < blocks.size(); index++) {
                TransformerBlock block = blocks.get(index);
                supply.begin(index);
                try (TensorScope blockScope = TensorScope.open()) {
                    TransformerBlock.Output output = block.forward(
                            side(videoHidden, videoInput, videoSteps, block.video(), index),
                            side(audioHidden, audioInput, audioSteps, block.audio(), index),
                            perturbation.get(index));
                    videoHidden = replaced(videoHidden, output.video(), blockScope);
                    audioHidden = replaced(audioHidden, output.audio(), blockScope);
                    report(trace, "video.block" + index, videoHidden);
                    report(trace, "audio.block" + index, audioHidden);
                }
                supply.end(index);
            }
            return new Velocity(
                    videoInput == null ? null : scope.keep(video.leave(videoHidden, videoSteps.embedded())),
                    audioInput == null ? null : scope.keep(audio.leave(audioHidden, audioSteps.embedded())));
        }
    }

    private Geometry geometry(Stream stream, Tensor positions) {
        try (TensorScope scope = TensorScope.open()) {
            return stream.geometry(positions.to(device, DataType.FLOAT32)).keptBy(scope);
        }
    }

    private StreamText text(Stream stream, Function<TransformerBlock, StreamBlock> part, Tensor context, Tensor mask) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor projected = stream.projectText(context.to(device, type));
            List<Attention.KeyValue> keyValues = new ArrayList<>();
            if (config.textIndependentOfStep()) {
                List<ModulationRows> prompt = stream.fixedPrompt();
                for (int index = 0; index < blocks.size(); index++) {
                    StreamBlock block = part.apply(blocks.get(index));
                    supply.begin(index);
                    keyValues.add(block.textKeyValue(projected, prompt.isEmpty() ? null : prompt.get(index)));
                    supply.end(index);
                }
            }
            return new StreamText(projected, keyValues, mask == null ? null : additive(mask)).keptBy(scope);
        }
    }

    /// 0 where the mask is 1, the lowest number where it is 0.
    ///
    /// @return `[B, 1, 1, S]`
    private Tensor additive(Tensor mask) {
        Tensor hidden = mask.to(device, DataType.FLOAT32).minus(1).times(-lowest());
        return hidden.to(type).unsqueeze(1).unsqueeze(1);
    }

    /// The lowest finite number of the network's type.
    private double lowest() {
        return type == DataType.BFLOAT16 ? -0x1.FEp127 : -Float.MAX_VALUE;
    }

    private static void requireFitting(
            StreamInput videoInput, StreamInput audioInput, List<Perturbation> perturbations) {
        if (videoInput == null && audioInput == null) {
            throw new IllegalArgumentException("neither picture nor sound, expected at least one of them");
        }
        long batch = videoInput == null ? audioInput.batch() : videoInput.batch();
        if (audioInput != null && audioInput.batch() != batch) {
            throw new IllegalArgumentException(
                    "%d samples of sound, expected %d as of the picture".formatted(audioInput.batch(), batch));
        }
        if (!perturbations.isEmpty() && perturbations.size() != batch) {
            throw new IllegalArgumentException(
                    "%d perturbations for %d samples".formatted(perturbations.size(), batch));
        }
    }

    private static StreamSteps steps(Stream stream, StreamInput input, StreamInput other, Trace trace) {
        return input == null ? null : stream.steps(input, other, trace);
    }

    private static Tensor enter(Stream stream, StreamInput input, Trace trace) {
        if (input == null) {
            return null;
        }
        Tensor hidden = stream.enter(input.latent());
        trace.see("entered", hidden);
        return hidden;
    }

    private static TransformerBlock.Side side(
            Tensor hidden, StreamInput input, StreamSteps steps, StreamBlock block, int index) {
        return input == null
                ? null
                : new TransformerBlock.Side(hidden, steps.blocks().get(index), text(input, steps, block, index));
    }

    private static Attention.KeyValue text(StreamInput input, StreamSteps steps, StreamBlock block, int index) {
        StreamText text = input.text();
        if (!input.enabled()) {
            return null;
        }
        return text.keyValues().isEmpty()
                ? block.textKeyValue(text.context(), steps.prompt().get(index))
                : text.keyValues().get(index);
    }

    /// Takes a block's result out of the block's scope and frees the one before it.
    private static Tensor replaced(Tensor before, Tensor after, TensorScope scope) {
        if (after == before) {
            return before;
        }
        scope.keep(after);
        before.close();
        return after;
    }

    private static void report(Trace trace, String name, Tensor tensor) {
        if (tensor != null) {
            trace.see(name, tensor);
        }
    }
}
