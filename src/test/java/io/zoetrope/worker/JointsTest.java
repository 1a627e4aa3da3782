package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zoetrope.audit.Stage;
import io.zoetrope.worker.WorkerConfig.Worker.Joint;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Which stages' results nobody needs but this worker.
class JointsTest {

    @Test
    void whatAnotherWorkerMayNeedIsKnown() {
        assertEquals(List.of(Stage.values()), toTheEnd(Joint.MEMORY, Stage.values()));
        assertEquals(List.of(Stage.DENOISE, Stage.DECODE), toTheEnd(Joint.MEMORY, Stage.DENOISE, Stage.DECODE));
        assertEquals(List.of(), toTheEnd(Joint.MEMORY, Stage.TEXT_ENCODE, Stage.DENOISE));
        assertEquals(List.of(Stage.DECODE), toTheEnd(Joint.MEMORY, Stage.TEXT_ENCODE, Stage.DECODE));
        assertEquals(List.of(Stage.DECODE), toTheEnd(Joint.KAFKA, Stage.values()));
    }

    private static List<Stage> toTheEnd(Joint by, Stage... here) {
        Joints joints = new Joints(Set.of(here), by);
        return Stream.of(here).filter(joints::toTheEnd).toList();
    }
}
