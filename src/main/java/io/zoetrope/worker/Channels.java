package io.zoetrope.worker;

/// The names of the channels, as `application.properties` configures them.
final class Channels {

    /// Records of requests, from Kafka.
    static final String REQUESTS = "requests";
    /// Jobs with a plan, waiting for their text contexts.
    static final String PLANNED = "planned";
    /// Jobs with text contexts, waiting for their latents.
    static final String ENCODED = "encoded";
    /// Jobs with latents, waiting for their clip.
    static final String DENOISED = "denoised";

    /// Facts, to Kafka.
    static final String EVENTS = "events";
    /// The latest summary of each job, to Kafka.
    static final String STATE = "state";
    /// Terminal facts with addresses, for subscribers.
    static final String RESULTS = "results";
    /// What was refused or given up, with the reason.
    static final String DEAD = "dead";

    private Channels() {}
}
