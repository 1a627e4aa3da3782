package io.zoetrope.worker;

import io.zoetrope.audit.Stage;
import io.zoetrope.worker.WorkerConfig.Worker.Joint;
import java.util.Arrays;
import java.util.Set;

/// How the stages of this worker are joined.
///
/// @param here the stages that it does
/// @param by   what joins them
record Joints(Set<Stage> here, Joint by) {

    static Joints of(WorkerConfig config) {
        return new Joints(config.worker().stages(), config.worker().joinedBy());
    }

    /// Whether a job comes to a stage in memory from the stage before, if that one is here.
    boolean inMemory(Stage stage) {
        return by == Joint.MEMORY && here.contains(stage);
    }

    /// Whether a job that has come through a stage here goes through the others here too: no other worker relies on
    /// what the stage has left, for one that takes the job over begins with what comes before.
    boolean toTheEnd(Stage done) {
        return Arrays.stream(Stage.values())
                .filter(stage -> stage.compareTo(done) > 0)
                .allMatch(this::inMemory);
    }
}
