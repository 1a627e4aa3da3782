/// The event-driven worker: records of the topic `requests` come in; facts, results and stored clips go out.
///
/// A request is received (read, checked, planned), then passes three stages, each with a thread of its own and
/// room for one waiting job before it: [io.zoetrope.worker.TextEncodeStage], [io.zoetrope.worker.DenoiseStage],
/// [io.zoetrope.worker.DecodeStage]. The record is accepted on the broker when the job's last fact is. This
/// package and those below it are the only ones that speak Kafka.
package io.zoetrope.worker;
