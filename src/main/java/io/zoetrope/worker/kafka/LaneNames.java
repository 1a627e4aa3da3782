package io.zoetrope.worker.kafka;

import io.zoetrope.request.Priority;

/// How a class of priority is named: normal priority has the plain name of its queue, the others add theirs.
public final class LaneNames {

    private LaneNames() {}

    /// The topic of a class, such as `zoetrope.requests.high`.
    ///
    /// @param topic of normal priority
    public static String topic(String topic, Priority priority) {
        return named(topic, ".", priority);
    }

    /// The group that reads it, such as `zoetrope-workers-high`.
    ///
    /// @param group of normal priority
    public static String group(String group, Priority priority) {
        return named(group, "-", priority);
    }

    private static String named(String plain, String separator, Priority priority) {
        return priority == Priority.NORMAL ? plain : plain + separator + priority.label();
    }
}
