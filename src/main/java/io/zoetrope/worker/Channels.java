package io.zoetrope.worker;

/// The names of the channels that end at Kafka, as `application.properties` configures them.
final class Channels {

    /// Records of requests, from Kafka.
    static final String REQUESTS = "requests";
    /// Jobs with text contexts, from workers that only encode.
    static final String ENCODED = "encoded";
    /// Jobs with latents, from workers that do not decode.
    static final String DENOISED = "denoised";
    /// Commands to stop, to every worker.
    static final String CONTROL = "control";
    /// Commands to stop, each to one worker, which keeps it.
    static final String CONTROL_KEPT = "control-kept";

    /// Facts, to Kafka.
    static final String EVENTS = "events";
    /// The latest summary of each job, to Kafka.
    static final String STATE = "state";
    /// Terminal facts with addresses, for subscribers.
    static final String RESULTS = "results";
    /// What was refused or given up, with the reason.
    static final String DEAD = "dead";

    /// Records for the queues above: jobs for other workers, and records published again.
    static final String QUEUES = "queues";

    private Channels() {}
}
