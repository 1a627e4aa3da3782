package io.zoetrope.engine.videovae;

import io.zoetrope.engine.videovae.VideoVaeConfig.SpatialPadding;

/// What a network's convolutions see beyond the ends of a clip and beyond the borders of its pictures.
///
/// @param causal  whether they look back only: two copies of the first frame before it, none after the last
/// @param spatial how a picture goes on
record Borders(boolean causal, SpatialPadding spatial) {}
