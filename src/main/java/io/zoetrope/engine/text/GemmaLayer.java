package io.zoetrope.engine.text;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention.KeyValue;
import io.zoetrope.engine.layer.Linear;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.layer.ScaledDotProductAttention;
import io.zoetrope.engine.tensor.Tensor;
import java.util.function.UnaryOperator;

/// One layer of the text model: attention and a gated feed-forward, each between two norms.
final class GemmaLayer {

    /// What attention of one kind of layer may see in a pass.
    ///
    /// @param rotation of the new tokens
    /// @param visible  boolean, broadcastable to `[B, N, T, S]`: which key each query may see; null for all
    record Reach(RotaryTable rotation, Tensor visible) {}

    private final GemmaConfig config;
    private final GemmaNorm inputNorm;
    private final Linear toQuery;
    private final Linear toKey;
    private final Linear toValue;
    private final Linear toOutput;
    private final GemmaNorm queryNorm;
    private final GemmaNorm keyNorm;
    private final GemmaNorm attentionNorm;
    private final GemmaNorm feedForwardNorm;
    private final Linear gate;
    private final Linear up;
    private final Linear down;
    private final GemmaNorm outputNorm;

    GemmaLayer(GemmaConfig config, Weights weights) {
        int width = config.width();
        int queries = config.heads() * config.headWidth();
        int keys = config.keyValueHeads() * config.headWidth();
        Weights attention = weights.under("self_attn");
        Weights feedForward = weights.under("mlp");
        this.config = config;
        inputNorm = GemmaNorm.load(width, config.epsilon(), weights.under("input_layernorm"));
        toQuery = Linear.withoutBias(width, queries, attention.under("q_proj"));
        toKey = Linear.withoutBias(width, keys, attention.under("k_proj"));
        toValue = Linear.withoutBias(width, keys, attention.under("v_proj"));
        toOutput = Linear.withoutBias(queries, width, attention.under("o_proj"));
        queryNorm = GemmaNorm.load(config.headWidth(), config.epsilon(), attention.under("q_norm"));
        keyNorm = GemmaNorm.load(config.headWidth(), config.epsilon(), attention.under("k_norm"));
        attentionNorm = GemmaNorm.load(width, config.epsilon(), weights.under("post_attention_layernorm"));
        feedForwardNorm = GemmaNorm.load(width, config.epsilon(), weights.under("pre_feedforward_layernorm"));
        gate = Linear.withoutBias(width, config.innerWidth(), feedForward.under("gate_proj"));
        up = Linear.withoutBias(width, config.innerWidth(), feedForward.under("up_proj"));
        down = Linear.withoutBias(config.innerWidth(), width, feedForward.under("down_proj"));
        outputNorm = GemmaNorm.load(width, config.epsilon(), weights.under("post_feedforward_layernorm"));
    }

    /// @param hidden `[B, T, H]`
    /// @param reach  which keys the queries may see, and where all of them stand
    /// @param memory makes of the new tokens' keys and values, `[B, M, T, d]`, those to be read, `[B, M, S, d]`
    /// @return `[B, T, H]`
    Tensor forward(Tensor hidden, Reach reach, UnaryOperator<KeyValue> memory) {
        Tensor attended = attend(inputNorm.forward(hidden), reach, memory);
        Tensor middle = hidden.plus(attentionNorm.forward(attended));
        Tensor input = feedForwardNorm.forward(middle);
        Tensor expanded = gate.forward(input).geluTanh().times(up.forward(input));
        return middle.plus(outputNorm.forward(down.forward(expanded)));
    }

    private Tensor attend(Tensor input, Reach reach, UnaryOperator<KeyValue> memory) {
        RotaryTable rotation = reach.rotation();
        Tensor query =
                rotation.rotateHeads(queryNorm.forward(toQuery.forward(input).parted(config.heads())));
        Tensor key = rotation.rotateHeads(keyNorm.forward(toKey.forward(input).parted(config.keyValueHeads())));
        Tensor value = toValue.forward(input).parted(config.keyValueHeads());
        KeyValue read = memory.apply(new KeyValue(key, value));
        Tensor attended = ScaledDotProductAttention.attend(
                query, read.key(), read.value(), reach.visible(), 1 / Math.sqrt(config.queryScalar())); // [B, N, T, d]
        return toOutput.forward(attended.transpose(1, 2)
                .reshape(input.size(0), input.size(1), (long) config.heads() * config.headWidth()));
    }
}
