/// The engine: prompts and settings come in, latents, frames and samples go out. Plain Java and LibTorch; knows
/// nothing of requests, Kafka or HTTP.
///
/// [io.zoetrope.engine.Ltx2] wires the four networks, which do not know one another. Formulas: docs/model.
package io.zoetrope.engine;
