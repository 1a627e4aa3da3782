package io.zoetrope.worker.intake;

import io.zoetrope.request.Priority;

/// One class of priority of a queue: a topic and a share group of its own.
///
/// @param weight how often it has its turn, beside the weights of the other lanes with work
record Lane(Priority priority, String topic, String group, int weight) {

    Lane {
        if (weight < 1) {
            throw new IllegalArgumentException(
                    "weight %d of priority %s, expected at least 1".formatted(weight, priority));
        }
    }
}
