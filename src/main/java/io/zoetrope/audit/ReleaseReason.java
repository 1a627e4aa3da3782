package io.zoetrope.audit;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Why a worker gave a job back unfinished. Only some reasons speak against the job itself: those are counted,
/// and a job with too many of them is poison.
public enum ReleaseReason {
    /// The worker was asked to leave.
    @JsonProperty("drained")
    DRAINED(false),
    /// The broker had given the job to someone else.
    @JsonProperty("lock-lost")
    LOCK_LOST(false),
    /// There was no room for it here.
    @JsonProperty("no-capacity")
    NO_CAPACITY(false),
    /// The artifact store failed.
    @JsonProperty("store-fault")
    STORE_FAULT(false),
    /// The broker failed.
    @JsonProperty("broker-fault")
    BROKER_FAULT(false),
    /// The device ran out of memory in spite of the estimate.
    @JsonProperty("out-of-memory")
    OUT_OF_MEMORY(true),
    /// The device failed while it computed this job.
    @JsonProperty("device-fault")
    DEVICE_FAULT(true),
    /// A stage failed in a way that has no better name.
    @JsonProperty("stage-failed")
    STAGE_FAILED(true);

    private final boolean countsAgainstJob;

    ReleaseReason(boolean countsAgainstJob) {
        this.countsAgainstJob = countsAgainstJob;
    }

    public boolean countsAgainstJob() {
        return countsAgainstJob;
    }
}
