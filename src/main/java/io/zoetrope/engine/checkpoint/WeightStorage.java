package io.zoetrope.engine.checkpoint;

/// How the weights of linear layers lie in memory.
public enum WeightStorage {
    /// In the type that the network computes in. The scales of a scaled fp8 file are multiplied in once.
    COMPUTE_TYPE,
    /// The large layers of the transformer's blocks, which are nearly all of it, rounded to fp8 and expanded before
    /// each product: half the memory of bfloat16, not faster, coarser. Needs a file without scales.
    FLOAT8_CAST,
    /// As a scaled fp8 file has them: half the memory of bfloat16. Where the file has a scale for inputs, inputs are
    /// rounded to fp8 too.
    FLOAT8_SCALED
}
