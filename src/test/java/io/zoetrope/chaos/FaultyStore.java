package io.zoetrope.chaos;

import io.zoetrope.artifact.ArtifactStore;
import java.time.Duration;
import java.util.Map;

/// A real store whose outages are real too.
sealed interface FaultyStore extends AutoCloseable permits FaultyFolder, FaultyBucket {

    /// The keys of configuration by which a worker uses it.
    Map<String, String> settings();

    /// What a worker's process needs beside them.
    Map<String, String> environment();

    /// Fails for a while, and is well again when this returns.
    ///
    /// @param choice of the kinds of outage, 0 to 1
    /// @return what was wrong
    String fail(double choice, Duration length) throws InterruptedException;

    /// The store without its faults, for the history.
    ArtifactStore open();

    /// How many files writers that died have left, which no reader of the store can see.
    long abandoned();

    @Override
    void close();
}
