/// Kafka below the worker: addresses and topic names come in; a prepared cluster, published requests, the
/// records of a trail and the length of the queue go out.
///
/// [io.zoetrope.worker.kafka.Topics] names what there is, [io.zoetrope.worker.kafka.ClusterSetup] creates it,
/// [io.zoetrope.worker.kafka.EmbeddedBroker] is a whole broker inside this process for the demo and the tests.
/// Nothing here knows what a request or an event says: payloads are bytes, headers are headers.
package io.zoetrope.worker.kafka;
