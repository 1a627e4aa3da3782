package io.zoetrope.worker.ledger;

/// What a record may do for its job.
public enum Ownership {
    /// It was the first of its job, or took the place of the one that was: whoever holds it works on the job.
    OWNER,
    /// Another record stands for the job. This one is settled without work: the owner's end is its answer.
    DUPLICATE,
    /// The job has another request.
    CONFLICT
}
