package io.zoetrope.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.FailureCode;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.Provenance;
import io.zoetrope.audit.Stage;
import io.zoetrope.audit.Timings;
import io.zoetrope.request.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The parts of a job's way are its whole way.
class JobTimesTest {

    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final String DIGEST = "0".repeat(64);
    private static final Provenance PROVENANCE =
            new Provenance(new Provenance.ModelIdentity("m", DIGEST), DIGEST, "1", "zoetrope");

    private final JobTimes times = new JobTimes(BEGIN);

    @Test
    void thePartsAreTheTotal() {
        assertFalse(hear(new GenerationEvent.Accepted(at(10), "w", TextNode.valueOf("plan"), PROVENANCE)));
        int millis = 10;
        for (Stage stage : Stage.values()) {
            assertFalse(hear(new GenerationEvent.StageStarted(at(millis + 1), stage, "w", null)));
            assertFalse(hear(
                    new GenerationEvent.StageCompleted(at(millis + 5), stage, "w", Duration.ofMillis(3), List.of())));
            millis += 5;
        }
        assertTrue(times.hear(completed(millis + 2), BEGIN.plusMillis(millis + 6)));
        assertEquals(0.031, times.total(), 1e-9);
        assertEquals(0.009, times.stages(), 1e-9);
        assertEquals(
                times.total(),
                times.parts().values().stream().mapToDouble(Double::doubleValue).sum(),
                1e-9);
        assertEquals(0.010, times.parts().get("published to accepted"), 1e-9);
        assertEquals(0.004, times.parts().get(Stage.DENOISE.label()), 1e-9);
        assertEquals(0.004, times.parts().get("completed to read"), 1e-9);
    }

    @Test
    void aJobThatFailsIsNoMeasurement() {
        var failed = new GenerationEvent.Failed(at(1), "w", FailureCode.STAGE_FAILED, "broken");
        assertThrows(IllegalStateException.class, () -> hear(failed));
    }

    private boolean hear(GenerationEvent fact) {
        return times.hear(fact, BEGIN);
    }

    private static GenerationEvent completed(int millis) {
        Duration zero = Duration.ZERO;
        return new GenerationEvent.Completed(
                at(millis),
                "w",
                List.of(new ArtifactReference("jobs/j/sound.wav", "audio/wav", 1, DIGEST)),
                Map.of(),
                PROVENANCE,
                new Timings(zero, zero, zero, zero, zero));
    }

    private static Header at(int millis) {
        return new Header(new JobId("j"), 1, 0, BEGIN.plusMillis(millis));
    }
}
