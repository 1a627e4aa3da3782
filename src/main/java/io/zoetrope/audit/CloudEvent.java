package io.zoetrope.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.request.JobId;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A CloudEvent 1.0 with JSON data, ready for any transport.
///
/// @param attributes `id`, `source`, `type`, `subject`, `time`, … and extensions, by their CloudEvents names
/// @param data       JSON object, in UTF-8
public record CloudEvent(Map<String, String> attributes, byte[] data) {

    static final String SPECIFICATION = "1.0";
    static final String MEDIA_TYPE = "application/json";

    private static final String HEADER_PREFIX = "ce_";
    private static final String CONTENT_TYPE = "content-type";

    public CloudEvent {
        attributes = Map.copyOf(attributes);
    }

    public String id() {
        return required("id");
    }

    public String type() {
        return required("type");
    }

    public String subject() {
        return required("subject");
    }

    /// The headers of the Kafka protocol binding in binary mode: `ce_id`, …, and `content-type`. The record's
    /// value is [#data()], its key the [#subject()].
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        attributes.forEach((name, value) -> {
            if (name.equals("datacontenttype")) {
                headers.put(CONTENT_TYPE, value);
            } else {
                headers.put(HEADER_PREFIX + name, value);
            }
        });
        return headers;
    }

    /// From the headers and the value of a Kafka record in binary mode; headers that are not of CloudEvents are left
    /// out.
    public static CloudEvent ofHeaders(Map<String, String> headers, byte[] data) {
        Map<String, String> attributes = new LinkedHashMap<>();
        headers.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.equals(CONTENT_TYPE)) {
                attributes.put("datacontenttype", value);
            } else if (lower.startsWith(HEADER_PREFIX) && value != null) {
                attributes.put(lower.substring(HEADER_PREFIX.length()), value);
            }
        });
        return new CloudEvent(attributes, data);
    }

    /// Everything in one JSON object (structured mode, `application/cloudevents+json`).
    public byte[] structured() {
        ObjectNode envelope = EventJson.tree(new TreeMap<>(attributes));
        envelope.set("data", EventJson.object("data of " + attributes.get("id"), data));
        return EventJson.bytes(envelope);
    }

    public static CloudEvent ofStructured(byte[] json) {
        ObjectNode envelope = EventJson.object("structured event", json);
        JsonNode data = envelope.remove("data");
        if (data == null) {
            throw new UnreadableMessageException("structured event without data, expected attributes and 'data'");
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        envelope.properties()
                .forEach(
                        field -> attributes.put(field.getKey(), field.getValue().asText()));
        return new CloudEvent(attributes, EventJson.bytes(data));
    }

    String required(String attribute) {
        String value = attributes.get(attribute);
        if (value == null) {
            throw new UnreadableMessageException("event %s without attribute '%s', expected CloudEvents %s"
                    .formatted(attributes.getOrDefault("id", "(no id)"), attribute, SPECIFICATION));
        }
        return value;
    }

    /// The attributes that all messages of this program have.
    static Map<String, String> attributes(String id, URI source, String type, String schema, JobId job, Instant time) {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("specversion", SPECIFICATION);
        attributes.put("id", id);
        attributes.put("source", source.toString());
        attributes.put("type", type);
        attributes.put("subject", job.value());
        attributes.put("time", time.toString());
        attributes.put("datacontenttype", MEDIA_TYPE);
        attributes.put("dataschema", Schemas.identifier(schema));
        return attributes;
    }
}
