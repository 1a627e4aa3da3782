package io.zoetrope.worker;

import io.zoetrope.audit.Provenance;
import io.zoetrope.plan.GenerationPlan;

/// What a plan's clip is made from.
final class Provenances {

    private Provenances() {}

    static Provenance of(GenerationPlan plan, String digest, WorkerIdentity worker) {
        return new Provenance(
                new Provenance.ModelIdentity(plan.model().name(), plan.model().digest()),
                digest,
                plan.noise().seed().toString(),
                worker.software());
    }
}
