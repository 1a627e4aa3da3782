package io.zoetrope.audit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/// Holds what is really sent against the JSON Schemas that are shipped. For every test that sees a record.
public final class Contract {

    private static final String PREFIX = Schemas.identifier("");
    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(Contract::load));

    private Contract() {}

    /// @param schemaName such as `completed.v1`
    public static void assertValid(String schemaName, byte[] json) {
        assertValid(schemaName, new String(json, StandardCharsets.UTF_8));
    }

    public static void assertValid(String schemaName, String json) {
        List<String> errors = errors(schemaName, json);
        assertTrue(errors.isEmpty(), () -> "%s does not fit %s: %s".formatted(json, schemaName, errors));
    }

    /// Holds the data of a message against the schema that the message itself names.
    public static void assertValid(CloudEvent message) {
        String schema = message.attributes().get("dataschema");
        String base = Schemas.identifier("").replace(".json", "");
        assertTrue(schema != null && schema.startsWith(base), () -> "dataschema " + schema);
        assertValid(schema.substring(base.length()).replaceFirst("\\.json$", ""), message.data());
    }

    public static void assertInvalid(String schemaName, String json) {
        assertFalse(errors(schemaName, json).isEmpty(), () -> "%s fits %s".formatted(json, schemaName));
    }

    /// Everything that is wrong, one line each with its place.
    public static List<String> errors(String schemaName, String json) {
        Schema schema = REGISTRY.getSchema(SchemaLocation.of(Schemas.identifier(schemaName)));
        return schema
                .validate(
                        json,
                        InputFormat.JSON,
                        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
                .stream()
                .map(Error::toString)
                .collect(Collectors.toList());
    }

    /// Only our own schemas: a reference to anything else must fail, not fetch. The dialect itself is known.
    private static String load(String identifier) {
        String base = PREFIX.replace(".json", "");
        return identifier.startsWith(base)
                ? Schemas.text(identifier.substring(base.length()).replaceFirst("\\.json$", ""))
                : null;
    }
}
