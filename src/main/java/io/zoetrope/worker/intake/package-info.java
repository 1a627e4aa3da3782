/// The door of the worker: records of the requests topic come in, one message for each job that downstream has
/// room for goes out, and stays this worker's until it is settled.
///
/// [io.zoetrope.worker.intake.ShareGroupConnector] is an ordinary connector of reactive messaging over a Kafka
/// share group. It owns a [io.zoetrope.worker.intake.ShareGroupIntake], which owns its slots: one consumer on
/// one thread for each job in flight. Where brokers are older than 4.2, the `smallrye-kafka` connector takes
/// its place by configuration alone; [io.zoetrope.worker.intake.IntakeRecord] and
/// [io.zoetrope.worker.intake.Settlement] mean the same in both.
package io.zoetrope.worker.intake;
