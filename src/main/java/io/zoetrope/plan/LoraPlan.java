package io.zoetrope.plan;

/// A low-rank change to the transformer's weights.
///
/// @param digest of its file
public record LoraPlan(String name, double strength, String digest) {}
