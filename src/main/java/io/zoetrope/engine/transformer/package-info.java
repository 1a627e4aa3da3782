/// The velocity network: noisy tokens of picture and sound, their noise levels and the text contexts come in;
/// the velocities of both go out.
///
/// Video `[B, T, 128]` and audio `[B, T, 128]` are two [io.zoetrope.engine.transformer.Stream]s of the same
/// make and different width. In each of the 48 [io.zoetrope.engine.transformer.TransformerBlock]s a stream
/// attends to itself and to its text; then the two attend to each other; then each passes its feed-forward.
///
/// What does not change from step to step is made once per request: [io.zoetrope.engine.transformer.Geometry]
/// and [io.zoetrope.engine.transformer.StreamText]. Versions 2.0 and 2.3 are two values of
/// [io.zoetrope.engine.transformer.TransformerConfig]. Formulas: docs/model/transformer.md.
package io.zoetrope.engine.transformer;
