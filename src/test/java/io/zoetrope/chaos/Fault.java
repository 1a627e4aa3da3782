package io.zoetrope.chaos;

import java.time.Duration;

/// One planned fault.
sealed interface Fault {

    /// What a worker suffers when it is at a place.
    sealed interface OfWorker extends Fault {
        Place at();

        /// How long after the worker has come to the place.
        Duration after();
    }

    /// @param pause before the next
    record Kill(Place at, Duration after, Duration pause) implements OfWorker {}

    /// @param beyond how long the pause lasts after others have taken the worker's jobs
    record Pause(Place at, Duration after, Duration beyond) implements OfWorker {}

    record Terminate(Place at, Duration after) implements OfWorker {}

    /// @param after   since the one before
    /// @param inOrder whether it is told to end; killed otherwise
    record BrokerRestart(Duration after, boolean inOrder, Duration away) implements Fault {}

    /// @param after since the one before
    /// @param choice of the store's kinds of outage, 0 to 1
    record StoreOutage(Duration after, double choice, Duration length) implements Fault {}

    /// When a request is published again.
    enum Moment {
        /// With the first.
        TOGETHER,
        WHILE_IT_RUNS,
        AFTER_ITS_END
    }

    /// @param other  whether it is another request under the same id, which must be refused
    /// @param choice of the jobs there are, 0 to 1
    record Duplicate(Duration after, Moment moment, boolean other, double choice) implements Fault {}

    /// @param jobs   how many are told to stop
    /// @param choice of the jobs there are, 0 to 1
    record CancelStorm(Duration after, int jobs, double choice) implements Fault {}
}
