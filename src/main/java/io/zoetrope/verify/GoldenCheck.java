package io.zoetrope.verify;

import io.zoetrope.engine.tensor.Tensor;
import java.util.Map;

/// Runs one component of the engine on a golden case.
@FunctionalInterface
public interface GoldenCheck {

    /// @param golden   the case
    /// @param locations where whole models lie that the case may name
    /// @return the component's results under the names of the case's outputs; further ones under the names of
    ///         its traces help to find the first place that strays
    Map<String, Tensor> run(GoldenCase golden, Locations locations);
}
