/// Changes to the transformer's weights that come in files of their own (LoRAs), with strengths.
///
/// A [io.zoetrope.engine.lora.Lora] is such a file: for some layers a narrow pair of matrices `A` `[r, in]` and `B`
/// `[out, r]`, whose product is what is added to the layer's weight `[out, in]`.
/// [io.zoetrope.engine.lora.TransformerVariants] fuses several into a transformer that shares all other weights with
/// the one it was made from, which stays as it is. Source: docs/model/checkpoints.md, section 6.
package io.zoetrope.engine.lora;
