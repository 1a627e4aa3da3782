package io.zoetrope.plan;

/// What the planner must know about the device that will run a plan.
///
/// @param name         as in configuration: `cpu`, `cuda:0`
/// @param precision    the type in which models compute on it
/// @param totalBytes   memory that one stage, weights and activations, may take
/// @param passesAtOnce how many guidance passes may go through the transformer as one batch where memory allows; 1
///         runs them one after another
public record ComputeDevice(String name, Precision precision, long totalBytes, int passesAtOnce) {

    private static final String CPU = "cpu";

    public ComputeDevice {
        if (totalBytes <= 0 || passesAtOnce < 1) {
            throw new IllegalArgumentException(
                    "device %s with %d bytes and %d passes at once".formatted(name, totalBytes, passesAtOnce));
        }
    }

    /// Whether weights whose type needs no change are used where their file is mapped.
    boolean mapsWeights() {
        return name.equals(CPU);
    }
}
