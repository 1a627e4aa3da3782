package io.zoetrope.audit;

/// Where a request came from.
///
/// @param source    the `source` of the request's CloudEvent; null for bare JSON
/// @param topic     Kafka topic, with `partition` and `offset` the place of the record
public record Origin(String source, String topic, int partition, long offset) {
    public Origin {
        Required.text("topic", topic);
        Required.atLeast(0, "partition", partition);
        Required.atLeast(0, "offset", offset);
    }
}
