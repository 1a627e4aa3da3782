/// Checkpoint files on disk become tensors with names and a configuration.
///
/// A [io.zoetrope.engine.checkpoint.SafetensorsFile] is mapped and checked, never read whole; a
/// [io.zoetrope.engine.checkpoint.Checkpoint] is the union of one or more of them under the official names;
/// a [io.zoetrope.engine.checkpoint.ModelLayout] says which files those are and how their names and configurations are
/// brought to the official ones; [io.zoetrope.engine.checkpoint.ModelNeeds] what a model needs that is not here;
/// [io.zoetrope.engine.checkpoint.Weights] is a cursor on it that a network narrows while it builds itself, and
/// that knows in the end what was missing, misshapen or left over.
package io.zoetrope.engine.checkpoint;
