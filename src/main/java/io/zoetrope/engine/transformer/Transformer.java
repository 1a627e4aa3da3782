package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// The dual-stream transformer.
///
/// A request prepares its [Geometry] and [StreamText] once; then every step and guidance pass is one [#forward].
public final class Transformer {

    private static final BiConsumer<String, Tensor> NO_TRACE = (_, _) -> {};

    private final TransformerConfig config;
    private final DataType type;
    private final Device device;
    private final Stream video;
    private final Stream audio;
    private final List<TransformerBlock> blocks;

    private Transformer(
            TransformerConfig config,
            DataType type,
            Device device,
            Stream video,
            Stream audio,
            List<TransformerBlock> blocks) {
        this.config = config;
        this.type = type;
        this.device = device;
        this.video = video;
        this.audio = audio;
        this.blocks = blocks;
    }

    /// Builds the network; [Weights#finish] then tells what was missing.
    ///
    /// @param weights at the transformer's own keys, without the prefix `model.diffusion_model.`
    public static Transformer load(TransformerConfig config, Weights weights) {
        List<TransformerBlock> blocks = new ArrayList<>();
        for (int block = 0; block < config.blocks(); block++) {
            blocks.add(TransformerBlock.load(config, weights.under("transformer_blocks", block)));
        }
        return new Transformer(
                config,
                weights.type(),
                weights.device(),
                Stream.video(config, weights),
                Stream.audio(config, weights),
                List.copyOf(blocks));
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

    /// @param positions float32 `[B, 3, T, 2]`
    public Geometry videoGeometry(Tensor positions) {
        return geometry(video, positions);
    }

    /// @param positions float32 `[B, 1, T, 2]`
    public Geometry audioGeometry(Tensor positions) {
        return geometry(audio, positions);
    }

    /// @param context `[B, S, width of the text stage]`
    /// @param mask    1 for slots that count, 0 for others, integer `[B, S]`; null if all count
    public StreamText videoText(Tensor context, Tensor mask) {
        return text(video, context, mask, block -> projected -> block.videoText(projected, null));
    }

    /// @param context `[B, S, width of the text stage]`
    /// @param mask    as for the video's text
    public StreamText audioText(Tensor context, Tensor mask) {
        return text(audio, context, mask, block -> projected -> block.audioText(projected, null));
    }

    /// Evaluates the network.
    ///
    /// @param videoInput    null if there is no picture
    /// @param audioInput    null if there is no sound
    /// @param perturbations one per sample; empty for none
    /// @return the velocities, in the network's element type
    public Velocity forward(StreamInput videoInput, StreamInput audioInput, List<Perturbation> perturbations) {
        return forward(videoInput, audioInput, perturbations, NO_TRACE);
    }

    /// Evaluates the network and hands intermediate results to `trace`, which must keep what it wants to keep.
    public Velocity forward(
            StreamInput videoInput,
            StreamInput audioInput,
            List<Perturbation> perturbations,
            BiConsumer<String, Tensor> trace) {
        try (TensorScope scope = TensorScope.open()) {
            Entered videoSide = enter(video, videoInput, audioInput);
            Entered audioSide = enter(audio, audioInput, videoInput);
            Tensor videoHidden = videoSide == null ? null : videoSide.hidden();
            Tensor audioHidden = audioSide == null ? null : audioSide.hidden();
            for (int index = 0; index < blocks.size(); index++) {
                TransformerBlock block = blocks.get(index);
                var perturbation = Perturbation.inBlock(index, perturbations, type, device);
                try (TensorScope blockScope = TensorScope.open()) {
                    TransformerBlock.Output output = block.forward(
                            side(videoSide, videoHidden, index, block::videoText),
                            side(audioSide, audioHidden, index, block::audioText),
                            perturbation);
                    videoHidden = kept(blockScope, output.video(), videoHidden);
                    audioHidden = kept(blockScope, output.audio(), audioHidden);
                    report(trace, "block%d.video".formatted(index), videoHidden);
                    report(trace, "block%d.audio".formatted(index), audioHidden);
                }
            }
            return new Velocity(
                    videoSide == null ? null : scope.keep(video.leave(videoHidden, videoSide.embedded())),
                    audioSide == null ? null : scope.keep(audio.leave(audioHidden, audioSide.embedded())));
        }
    }

    /// A stream that has entered the network.
    private record Entered(
            StreamInput input,
            Tensor hidden,
            Tensor embedded,
            Tensor modulation,
            Tensor crossModulation,
            Tensor crossGate,
            Tensor promptVectors,
            Tensor selfMask) {}

    /// The keys and values of a text in one block.
    private interface TextReader {
        Attention.KeyValue read(Tensor context, Tensor promptVectors);
    }

    private Geometry geometry(Stream stream, Tensor positions) {
        try (TensorScope scope = TensorScope.open()) {
            int crossMaximum = Math.max(
                    config.video().maximumPositions().getFirst(),
                    config.audio().maximumPositions().getFirst());
            Geometry geometry = stream.geometry(
                    positions.to(device, DataType.FLOAT32), config.audio().width(), crossMaximum, type);
            geometry.self().keptBy(scope);
            geometry.cross().keptBy(scope);
            return geometry;
        }
    }

    private StreamText text(
            Stream stream,
            Tensor context,
            Tensor mask,
            Function<TransformerBlock, Function<Tensor, Attention.KeyValue>> reader) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor projected = scope.keep(stream.projectText(context.to(device, type)));
            List<Attention.KeyValue> keyValues = new ArrayList<>();
            if (config.textIndependentOfStep()) {
                for (TransformerBlock block : blocks) {
                    Attention.KeyValue keyValue = reader.apply(block).apply(projected);
                    scope.keep(keyValue.key());
                    scope.keep(keyValue.value());
                    keyValues.add(keyValue);
                }
            }
            return new StreamText(projected, keyValues, mask == null ? null : scope.keep(additive(mask)));
        }
    }

    /// 0 where the mask is 1, the greatest negative number where it is 0.
    private Tensor additive(Tensor mask) {
        double lowest = type == DataType.FLOAT32 ? -Float.MAX_VALUE : -3.3895313892515355e38; // of bfloat16
        return mask.to(device, DataType.FLOAT32)
                .minus(1)
                .times(-lowest)
                .to(type)
                .unsqueeze(1)
                .unsqueeze(1); // [B, 1, 1, S]
    }

    private Entered enter(Stream stream, StreamInput input, StreamInput other) {
        if (input == null) {
            return null;
        }
        var modulation = stream.modulation(input.timesteps(), type);
        return new Entered(
                input,
                stream.enter(input.latent().to(type)),
                modulation.embedded(),
                modulation.vectors(),
                other == null ? null : stream.crossModulation(input.timesteps(), type),
                other == null ? null : stream.crossGate(other.sigma(), type),
                stream.promptVectors(input.sigma(), type),
                input.selfMask() == null ? null : logarithm(input.selfMask()));
    }

    /// Weights in [0, 1] as something to add to scores; 0 becomes the lowest finite number.
    private Tensor logarithm(Tensor weights) {
        Tensor logarithm = weights.to(DataType.FLOAT32).log().clamp(-Float.MAX_VALUE, 0);
        return logarithm.to(type).unsqueeze(1); // [B, 1, T, T]
    }

    private TransformerBlock.Side side(Entered entered, Tensor hidden, int block, TextReader reader) {
        if (entered == null) {
            return null;
        }
        StreamText text = entered.input().text();
        Attention.KeyValue keyValue = !entered.input().enabled()
                ? null
                : text.keyValues().isEmpty()
                        ? reader.read(text.context(), entered.promptVectors())
                        : text.keyValues().get(block);
        return new TransformerBlock.Side(
                hidden,
                entered.modulation(),
                entered.crossModulation(),
                entered.crossGate(),
                keyValue,
                text.mask(),
                entered.input().geometry().self(),
                entered.input().geometry().cross(),
                entered.selfMask(),
                entered.input().enabled());
    }

    /// Keeps a block's result beyond the block and frees the one before it.
    private static Tensor kept(TensorScope scope, Tensor output, Tensor before) {
        return output == null || output == before ? before : scope.keep(output);
    }

    private static void report(BiConsumer<String, Tensor> trace, String name, Tensor tensor) {
        if (tensor != null) {
            trace.accept(name, tensor);
        }
    }
}
