package io.zoetrope.verify;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Which check runs which component.
public final class GoldenChecks {

    private static final Map<String, GoldenCheck> BY_COMPONENT = new TreeMap<>(Map.of(
            "patchify-positions", new PatchifyPositionsCheck(),
            "rope", new RopeCheck(),
            "transformer", new TransformerCheck(),
            "transformer-block", new TransformerBlockCheck()));

    private GoldenChecks() {}

    public static Optional<GoldenCheck> of(String component) {
        return Optional.ofNullable(BY_COMPONENT.get(component));
    }
}
