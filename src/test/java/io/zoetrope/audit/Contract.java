package io.zoetrope.audit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Holds what is really sent against the JSON Schemas that are shipped. For every test that sees a record.
public final class Contract {

    private static final String ENDING = ".json";
    private static final String ASYNC_API = "https://zoetrope.io/asyncapi.json";
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

    /// Holds a message against what the contract says of it: the data against the schema that the message
    /// itself names, the attributes against those of the AsyncAPI document.
    public static void assertValid(CloudEvent message) {
        assertValid(nameOf(message.attributes().get("dataschema")), message.data());
        boolean fact = EventType.named(message.type()).isPresent();
        String component = fact ? "factHeaders" : "cloudEventHeaders";
        List<String> errors = errors(
                SchemaLocation.of(ASYNC_API + "#/components/schemas/" + component),
                new String(EventJson.bytes(message.headers()), StandardCharsets.UTF_8));
        assertTrue(errors.isEmpty(), () -> "%s do not fit %s: %s".formatted(message.headers(), component, errors));
    }

    public static void assertInvalid(String schemaName, String json) {
        assertFalse(errors(schemaName, json).isEmpty(), () -> "%s fits %s".formatted(json, schemaName));
    }

    /// Everything that is wrong, one line each with its place.
    public static List<String> errors(String schemaName, String json) {
        return errors(SchemaLocation.of(Schemas.identifier(schemaName)), json);
    }

    private static List<String> errors(SchemaLocation location, String json) {
        return REGISTRY
                .getSchema(location)
                .validate(
                        json,
                        InputFormat.JSON,
                        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
                .stream()
                .map(Error::toString)
                .toList();
    }

    /// Only our own documents: a reference to anything else must fail, not fetch. The dialect itself is known.
    private static String load(String identifier) {
        if (identifier.equals(ASYNC_API)) {
            JsonNode document = asyncApi();
            ((ObjectNode) document).remove("id"); // a word of both languages, with different meanings
            return document.toString();
        }
        return identifier.startsWith(Schemas.BASE) ? Schemas.text(nameOf(identifier)) : null;
    }

    private static String nameOf(String identifier) {
        assertTrue(
                identifier != null && identifier.startsWith(Schemas.BASE) && identifier.endsWith(ENDING),
                () -> "schema " + identifier);
        return identifier.substring(Schemas.BASE.length(), identifier.length() - ENDING.length());
    }

    static JsonNode asyncApi() {
        try {
            return new YAMLMapper().readTree(Schemas.asyncApi());
        } catch (JsonProcessingException e) {
            throw new AssertionError("the AsyncAPI document is not YAML", e);
        }
    }
}
