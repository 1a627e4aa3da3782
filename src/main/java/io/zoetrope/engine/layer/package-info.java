/// Layers: weights plus one formula. What the networks share and nothing of what they are.
package io.zoetrope.engine.layer;
