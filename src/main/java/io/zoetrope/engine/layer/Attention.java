package io.zoetrope.engine.layer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;

/// Multi-head attention of queries from one sequence to keys and values from another or the same.
///
///     hidden  [B, T, Dq] ─ query ─ norm ─ rotate ─┐
///     context [B, S, Dc] ─ key ─── norm ─ rotate ─┤ softmax ─ gate ─ output ─ [B, T, Dq]
///                        ─ value ─────────────────┘
///
/// Queries and keys are normalised over all heads together, not head by head. Rotation and gate are optional.
/// Formulas: docs/model/transformer.md, section 6.
public final class Attention {

    /// @param queryWidth   Dq, of the sequence that asks and receives
    /// @param contextWidth Dc, of the sequence that is read
    /// @param heads        N
    /// @param headWidth    d
    /// @param gated        whether every head's result is scaled by a gate computed from the query side
    /// @param epsilon      of the norms of queries and keys
    public record Config(int queryWidth, int contextWidth, int heads, int headWidth, boolean gated, double epsilon) {

        int innerWidth() {
            return heads * headWidth;
        }
    }

    /// Keys and values of a context, for use in several calls.
    ///
    /// @param key   `[B, N, S, d]`, normalised and rotated
    /// @param value `[B, N, S, d]`
    public record KeyValue(Tensor key, Tensor value) {}

    private final Config config;
    private final Linear toQuery; // Dq → N · d
    private final Linear toKey; // Dc → N · d
    private final Linear toValue; // Dc → N · d
    private final Linear toOutput; // N · d → Dq
    private final Tensor queryNorm; // [N · d]
    private final Tensor keyNorm; // [N · d]
    private final Linear toGate; // Dq → N, or null
    private final double scale;

    private Attention(Config config, Weights weights) {
        int inner = config.innerWidth();
        this.config = config;
        this.toQuery = Linear.load(config.queryWidth(), inner, weights.under("to_q"));
        this.toKey = Linear.load(config.contextWidth(), inner, weights.under("to_k"));
        this.toValue = Linear.load(config.contextWidth(), inner, weights.under("to_v"));
        this.toOutput = Linear.load(inner, config.queryWidth(), weights.under("to_out.0"));
        this.queryNorm = weights.tensor("q_norm.weight", inner);
        this.keyNorm = weights.tensor("k_norm.weight", inner);
        this.toGate = config.gated()
                ? Linear.load(config.queryWidth(), config.heads(), weights.under("to_gate_logits"))
                : null;
        this.scale = 1 / Math.sqrt(config.headWidth());
    }

    /// Reads `to_q`, `to_k`, `to_v`, `to_out.0`, `q_norm`, `k_norm` and, if gated, `to_gate_logits`.
    public static Attention load(Config config, Weights weights) {
        return new Attention(config, weights);
    }

    /// Attends without a mask.
    ///
    /// @param hidden        `[B, T, Dq]`
    /// @param context       `[B, S, Dc]`
    /// @param queryRotation of the queries' tokens, or null
    /// @param keyRotation   of the keys' tokens, or null
    /// @return `[B, T, Dq]`
    public Tensor forward(Tensor hidden, Tensor context, RotaryTable queryRotation, RotaryTable keyRotation) {
        return forward(hidden, keyValue(context, keyRotation), queryRotation, null);
    }

    /// Attends to keys and values made before.
    ///
    /// @param mask additive, broadcastable to `[B, N, T, S]`, or null
    public Tensor forward(Tensor hidden, KeyValue keyValue, RotaryTable queryRotation, Tensor mask) {
        return output(hidden, attend(hidden, keyValue, queryRotation, mask));
    }

    /// The keys and values of a context, which do not depend on who asks.
    public KeyValue keyValue(Tensor context, RotaryTable keyRotation) {
        return new KeyValue(
                rotated(toKey.forward(context).rmsNorm(keyNorm, config.epsilon()), keyRotation), value(context));
    }

    /// Self-attention of a perturbed pass, in which each token attends to itself alone: its value passes
    /// through, and neither queries nor keys are computed.
    public Tensor passThrough(Tensor hidden) {
        return output(hidden, value(hidden));
    }

    /// Self-attention in which some samples of the batch are perturbed.
    ///
    /// @param mask additive, broadcastable to `[B, N, T, T]`, or null
    /// @param keep `[B, 1, 1, 1]`, 1 where a sample attends normally and 0 where its values pass through
    public Tensor partlyPassThrough(Tensor hidden, RotaryTable rotation, Tensor mask, Tensor keep) {
        KeyValue keyValue = keyValue(hidden, rotation);
        Tensor attended = attend(hidden, keyValue, rotation, mask).times(keep);
        Tensor passed = keyValue.value().times(keep.negative().plus(1));
        return output(hidden, attended.plus(passed));
    }

    /// @return `[B, N, T, d]`
    private Tensor attend(Tensor hidden, KeyValue keyValue, RotaryTable rotation, Tensor mask) {
        Tensor query = rotated(toQuery.forward(hidden).rmsNorm(queryNorm, config.epsilon()), rotation);
        return ScaledDotProductAttention.attend(query, keyValue.key(), keyValue.value(), mask, scale);
    }

    /// @return `[B, N, S, d]`
    private Tensor value(Tensor context) {
        return toValue.forward(context).parted(config.heads());
    }

    private Tensor rotated(Tensor vectors, RotaryTable rotation) {
        return rotation == null ? vectors.parted(config.heads()) : rotation.rotate(vectors);
    }

    /// @param attended `[B, N, T, d]`
    private Tensor output(Tensor hidden, Tensor attended) {
        Tensor byToken = attended.transpose(1, 2); // [B, T, N, d]
        if (toGate != null) {
            Tensor gate = toGate.forward(hidden).sigmoid().times(2).unsqueeze(-1); // [B, T, N, 1]
            byToken = byToken.times(gate);
        }
        return toOutput.forward(byToken.reshape(hidden.size(0), hidden.size(1), config.innerWidth()));
    }
}
