package io.zoetrope.audit;

/// What a clip is made from, as far as the result depends on it: the same four make the same clip on the same
/// kind of device.
///
/// @param model      name and digest of the weights
/// @param planDigest SHA-256 of the plan, in hexadecimal
/// @param seed       decimal string, 0 to 2^64-1: JSON numbers cannot carry it
/// @param software   name and version of the program, such as `zoetrope 0.1.0`
public record Provenance(ModelIdentity model, String planDigest, String seed, String software) {

    /// @param name   as registered in the worker's configuration
    /// @param digest SHA-256 over the checkpoint's files, in hexadecimal
    public record ModelIdentity(String name, String digest) {
        public ModelIdentity {
            Required.text("model name", name);
            Required.digest("model digest", digest);
        }
    }

    public Provenance {
        Required.present("model", model);
        Required.digest("plan digest", planDigest);
        Required.text("software", software);
        Required.seed(seed);
    }
}
