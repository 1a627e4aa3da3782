package io.zoetrope.chaos;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A few of each fault; `./zoetrope chaos` does more of them.
class ChaosIT {

    @Test
    void noJobIsLostWhateverHappensToWorkersBrokerAndStore() throws Exception {
        assertHolds(
                new Run.Settings(
                        11,
                        16,
                        Map.of(
                                FaultKind.KILL, 6,
                                FaultKind.PAUSE, 2,
                                FaultKind.TERM, 3,
                                FaultKind.BROKER, 1,
                                FaultKind.STORE, 2,
                                FaultKind.DUPLICATE, 20,
                                FaultKind.CANCEL, 4),
                        Chaos.Stages.ALL,
                        Chaos.Store.FOLDER,
                        3,
                        Optional.empty(),
                        Optional.empty()),
                "--jobs=16 --count=kill=6,pause=2,term=3,broker=1,store=2,duplicate=20,cancel=4");
    }

    @Test
    void norWhereEachStageHasWorkersOfItsOwn() throws Exception {
        assertHolds(
                new Run.Settings(
                        12,
                        10,
                        Map.of(FaultKind.KILL, 6, FaultKind.TERM, 3),
                        Chaos.Stages.SPLIT,
                        Chaos.Store.FOLDER,
                        4,
                        Optional.empty(),
                        Optional.empty()),
                "--jobs=10 --stages=split --faults=kill,term --count=kill=6,term=3");
    }

    private static void assertHolds(Run.Settings settings, String options) throws Exception {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        String command = "./zoetrope chaos --seed=%d %s".formatted(settings.seed(), options);
        assertTrue(Run.of(settings, command, out), "see the lines that begin with WRONG; repeat with " + command);
    }
}
