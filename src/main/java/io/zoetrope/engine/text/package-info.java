/// From a prompt to what the transformer reads: a string comes in, two contexts go out, video `[1, S, D]` and audio
/// `[1, S, D]`.
///
/// A [io.zoetrope.engine.text.Tokenizer] makes ids, the [io.zoetrope.engine.text.GemmaModel] makes hidden
/// states of all its layers, the [io.zoetrope.engine.text.FeatureExtractor] makes features of them, and a
/// [io.zoetrope.engine.text.Connector] for each stream makes its context. Formulas: docs/model/text-encoder.md.
///
/// Beside this, a [io.zoetrope.engine.text.PromptEnhancer] has the same text model write: a short prompt comes in, a
/// detailed one goes out, as an [io.zoetrope.engine.text.Enhancement]. A [io.zoetrope.engine.text.TextWriter] runs
/// a [io.zoetrope.engine.text.GemmaGeneration] token by token, and a [io.zoetrope.engine.text.TokenChoice] chooses.
package io.zoetrope.engine.text;
