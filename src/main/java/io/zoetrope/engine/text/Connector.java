package io.zoetrope.engine.text;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.layer.FeedForward;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextEncoderConfig.ConnectorConfig;
import java.util.ArrayList;
import java.util.List;

/// Features of a prompt's tokens to the context of one stream: free slots are filled with learned registers,
/// then all slots attend to each other.
public final class Connector {

    /// Entries of the table of registers; slot p takes entry p mod 128.
    public static final int REGISTERS = 128;

    private static final double EPSILON = 1e-6;

    private record Block(Attention attention, FeedForward feedForward) {}

    private final ConnectorConfig config;
    private final Tensor registers; // [128, D]
    private final List<Block> blocks;

    private Connector(ConnectorConfig config, Tensor registers, List<Block> blocks) {
        this.config = config;
        this.registers = registers;
        this.blocks = blocks;
    }

    public static Connector load(ConnectorConfig config, Weights weights) {
        int width = config.width();
        var attention = new Attention.Config(width, width, config.heads(), config.headWidth(), config.gated(), EPSILON);
        List<Block> blocks = new ArrayList<>();
        for (int index = 0; index < config.layers(); index++) {
            Weights block = weights.under("transformer_1d_blocks", index);
            blocks.add(new Block(
                    Attention.load(attention, block.under("attn1")),
                    FeedForward.load(width, config.feedForwardBias(), block.under("ff"))));
        }
        return new Connector(config, weights.tensor("learnable_registers", REGISTERS, width), List.copyOf(blocks));
    }

    /// @param features of the real tokens in their order, `[n, D]`
    /// @param slots    S, a multiple of 128 and at least n
    /// @return `[1, S, D]`
    public Tensor forward(Tensor features, int slots) {
        features.requireShape("features", Tensor.ANY, config.width());
        long tokens = features.size(0);
        requireSlots(tokens, slots);
        try (TensorScope scope = TensorScope.open()) {
            Tensor filling = registers.repeat(slots / REGISTERS, 1).narrow(0, tokens, slots - tokens);
            Tensor hidden = Tensor.concatenate(0, features, filling).unsqueeze(0); // [1, S, D]
            Tensor positions = Tensor.range(slots, DataType.FLOAT32)
                    .dividedBy(config.maximumPosition())
                    .view(1, 1, slots)
                    .to(features.device());
            RotaryTable rotation =
                    RotaryTable.of(config.rotary(), positions, config.width(), config.heads(), features.type());
            for (Block block : blocks) {
                Tensor input = hidden.rmsNorm(null, EPSILON);
                hidden = hidden.plus(block.attention().forward(input, input, rotation, rotation));
                hidden = hidden.plus(block.feedForward().forward(hidden.rmsNorm(null, EPSILON)));
            }
            return scope.keep(hidden.rmsNorm(null, EPSILON));
        }
    }
    /// @throws IllegalArgumentException unless `slots` is a multiple of 128 that holds `tokens`
    static void requireSlots(long tokens, int slots) {
        if (slots < 1 || slots % REGISTERS != 0 || tokens > slots) {
            throw new IllegalArgumentException("%d slots for %d tokens, expected a multiple of %d that holds them"
                    .formatted(slots, tokens, REGISTERS));
        }
    }
}
