/// What the artifact store knows of jobs while they last: whose record may work on them, how often they were
/// tried and why they failed, whether they shall stop, and the tensors from which another worker goes on.
///
/// Questions and answers are small files below `jobs/<job id>/`, written under conditions that let exactly one of
/// several workers win. Nothing here knows of Kafka clients or models.
package io.zoetrope.worker.ledger;
