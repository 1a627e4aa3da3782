package io.zoetrope.worker;

import io.zoetrope.audit.GenerationEvent;
import java.util.Map;

/// What flows through the stages of a worker: a job, the hold on its record, and the voice to tell its facts.
record HeldJob(Job job, JobHold hold, Trail trail) {

    HeldJob with(Job next) {
        return new HeldJob(next, hold, trail);
    }

    Map<String, String> metadata() {
        return job.request().metadata();
    }

    /// Says a fact of this attempt; returns without waiting for the broker.
    void say(Trail.Fact fact) {
        trail.say(fact);
    }

    /// The fact with which this attempt would end the job.
    GenerationEvent ending(Trail.Fact fact) {
        return fact.under(trail.headers().next());
    }
}
