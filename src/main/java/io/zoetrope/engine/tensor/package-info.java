/// Numbers on a device: the only door to LibTorch.
///
/// A [io.zoetrope.engine.tensor.Tensor] is a handle on native memory. It lives in the
/// [io.zoetrope.engine.tensor.TensorScope] that was open when it was made and dies with it, unless it is kept;
/// what must live longer (weights) belongs to a [io.zoetrope.engine.tensor.TensorArena]. Everything here runs
/// on platform threads only: scopes and native guards are bound to the thread that opened them.
///
/// What only CUDA devices have is in classes named after it, which a build for the CPU never loads; docs/gpu.md.
package io.zoetrope.engine.tensor;
