package io.zoetrope.engine.layer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;

/// Multi-head attention of queries from one sequence to keys and values from another or the same.
///
/// Queries and keys are normalised over all heads together, then turned by rotary tables where there are any.
/// Formulas:
/// docs/model/transformer.md, section 6.
public final class Attention {

    /// @param queryWidth   of the sequence that asks and receives
    /// @param contextWidth of the sequence that is read
    /// @param heads        number of heads, N
    /// @param headWidth    d
    /// @param gated        whether every head's result is scaled by a gate computed from the query side
    public record Config(int queryWidth, int contextWidth, int heads, int headWidth, boolean gated, double epsilon) {

        int innerWidth() {
            return heads * headWidth;
        }
    }

    /// Keys and values of a context, for use in several calls.
    ///
    /// @param key   `[B, N, S, d]`
    /// @param value `[B, N, S, d]`
    public record KeyValue(Tensor key, Tensor value) {}

    private final Config config;
    private final Linear toQuery;
    private final Linear toKey;
    private final Linear toValue;
    private final Linear toOutput;
    private final Tensor queryNorm; // [N · d]
    private final Tensor keyNorm; // [N · d]
    private final Linear toGate; // [queryWidth → N], or null
    private final double scale;

    private Attention(
            Config config,
            Linear toQuery,
            Linear toKey,
            Linear toValue,
            Linear toOutput,
            Tensor queryNorm,
            Tensor keyNorm,
            Linear toGate) {
        this.config = config;
        this.toQuery = toQuery;
        this.toKey = toKey;
        this.toValue = toValue;
        this.toOutput = toOutput;
        this.queryNorm = queryNorm;
        this.keyNorm = keyNorm;
        this.toGate = toGate;
        this.scale = 1 / Math.sqrt(config.headWidth());
    }

    public static Attention load(Config config, Weights weights) {
        int inner = config.innerWidth();
        return new Attention(
                config,
                Linear.load(config.queryWidth(), inner, weights.under("to_q")),
                Linear.load(config.contextWidth(), inner, weights.under("to_k")),
                Linear.load(config.contextWidth(), inner, weights.under("to_v")),
                Linear.load(inner, config.queryWidth(), weights.under("to_out.0")),
                weights.tensor("q_norm.weight", inner),
                weights.tensor("k_norm.weight", inner),
                config.gated()
                        ? Linear.load(config.queryWidth(), config.heads(), weights.under("to_gate_logits"))
                        : null);
    }

    /// Attends without a mask and without perturbation.
    ///
    /// @param hidden        `[B, T, queryWidth]`
    /// @param context       `[B, S, contextWidth]`
    /// @param queryRotation of the queries' tokens, or null
    /// @param keyRotation   of the keys' tokens, or null
    /// @return `[B, T, queryWidth]`
    public Tensor forward(Tensor hidden, Tensor context, RotaryTable queryRotation, RotaryTable keyRotation) {
        return forward(hidden, keyValue(context, keyRotation), queryRotation, null);
    }

    /// Attends to keys and values made before.
    ///
    /// @param mask additive, broadcastable to `[B, N, T, S]`, or null
    public Tensor forward(Tensor hidden, KeyValue keyValue, RotaryTable queryRotation, Tensor mask) {
        Tensor query = rotated(toQuery.forward(hidden).rmsNorm(queryNorm, config.epsilon()), queryRotation);
        Tensor attended = ScaledDotProductAttention.attend(query, keyValue.key(), keyValue.value(), mask, scale);
        return output(hidden, attended);
    }

    /// The keys and values of a context, which do not depend on who asks.
    public KeyValue keyValue(Tensor context, RotaryTable keyRotation) {
        return new KeyValue(
                rotated(toKey.forward(context).rmsNorm(keyNorm, config.epsilon()), keyRotation),
                RotaryTable.partHeads(toValue.forward(context), config.heads()));
    }

    /// Self-attention of a perturbed pass, in which each token attends to itself alone: its value passes through.
    /// Queries,
    /// keys and softmax are not computed.
    public Tensor passThrough(Tensor hidden) {
        return output(hidden, RotaryTable.partHeads(toValue.forward(hidden), config.heads()));
    }

    /// Self-attention in which some samples of the batch are perturbed.
    ///
    /// @param keep `[B, 1, 1, 1]`, 1 where a sample attends normally and 0 where its values pass through
    public Tensor partlyPassThrough(Tensor hidden, RotaryTable rotation, Tensor mask, Tensor keep) {
        KeyValue keyValue = keyValue(hidden, rotation);
        Tensor query = rotated(toQuery.forward(hidden).rmsNorm(queryNorm, config.epsilon()), rotation);
        Tensor attended = ScaledDotProductAttention.attend(query, keyValue.key(), keyValue.value(), mask, scale);
        Tensor mixed =
                attended.times(keep).plus(keyValue.value().times(keep.negative().plus(1)));
        return output(hidden, mixed);
    }

    private Tensor rotated(Tensor vectors, RotaryTable rotation) {
        return rotation == null ? RotaryTable.partHeads(vectors, config.heads()) : rotation.rotate(vectors);
    }

    /// @param attended `[B, N, T, d]`
    private Tensor output(Tensor hidden, Tensor attended) {
        Tensor byToken = attended.transpose(1, 2); // [B, T, N, d]
        if (toGate != null) {
            Tensor gate = toGate.forward(hidden).sigmoid().times(2).unsqueeze(-1); // [B, T, N, 1]
            byToken = byToken.times(gate);
        }
        long[] shape = byToken.shape();
        return toOutput.forward(byToken.reshape(shape[0], shape[1], config.innerWidth()));
    }
}
