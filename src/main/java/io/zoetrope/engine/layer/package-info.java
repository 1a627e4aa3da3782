/// Layers: weights and one formula each. Tensors `[B, T, D]` go in and come out; what the networks share is
/// here, and nothing of what they are.
///
/// [io.zoetrope.engine.layer.Attention] with [io.zoetrope.engine.layer.RotaryTable] serves the transformer's
/// blocks and the text connectors; [io.zoetrope.engine.layer.ScaledDotProductAttention] is the one place that
/// chooses a kernel.
package io.zoetrope.engine.layer;
