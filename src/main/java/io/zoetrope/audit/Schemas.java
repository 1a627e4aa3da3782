package io.zoetrope.audit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The contract that this program ships: JSON Schemas (draft 2020-12) and the AsyncAPI document, as resources below
/// `contract/`.
public final class Schemas {

    static final String BASE = "https://zoetrope.io/schemas/";
    private static final String FOLDER = "/contract/schemas/";

    private Schemas() {}

    /// The `$id` of a schema, which is also the `dataschema` attribute of the messages it describes. A name, not an
    /// address that anyone needs to reach.
    ///
    /// @param name such as `requested.v1`
    public static String identifier(String name) {
        return BASE + name + ".json";
    }

    /// The text of a schema.
    ///
    /// @param name such as `requested.v1`
    public static String text(String name) {
        return resource(FOLDER + name + ".json");
    }

    /// The AsyncAPI 3 document, YAML.
    public static String asyncApi() {
        return resource("/contract/asyncapi.yaml");
    }

    private static String resource(String path) {
        try (InputStream content = Schemas.class.getResourceAsStream(path)) {
            if (content == null) {
                throw new IllegalArgumentException("no resource " + path + " in this build");
            }
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
