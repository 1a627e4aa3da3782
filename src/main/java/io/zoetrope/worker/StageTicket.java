package io.zoetrope.worker;

import io.zoetrope.audit.JobSummary;
import io.zoetrope.request.CanonicalJson;

/// What travels between workers that do different stages: the job, and what was said of it. Its tensors lie in
/// the artifact store.
record StageTicket(Job job, JobSummary summary) {

    static StageTicket of(HeldJob held) {
        return new StageTicket(held.job(), held.trail().summary());
    }

    /// @throws IllegalArgumentException if `json` is no ticket
    static StageTicket parse(byte[] json) {
        return CanonicalJson.read(json, StageTicket.class);
    }

    byte[] toJson() {
        return CanonicalJson.write(this);
    }
}
