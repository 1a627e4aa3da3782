package io.zoetrope.engine.audiovae;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.TensorScope;
import org.bytedeco.javacpp.Pointer;

/// Counts the native objects that wait to be freed.
public final class LiveTensors {

    private static final int ROUNDS = 10;

    private LiveTensors() {}

    /// Fails if an action leaves a tensor behind every time, when the scope around it is closed.
    public static void assertNoneLeft(Runnable action) {
        round(action); // what is made once is made here
        long before = Pointer.totalCount();
        for (int count = 0; count < ROUNDS; count++) {
            round(action);
        }
        long left = Pointer.totalCount() - before;
        assertTrue(left < ROUNDS, left + " native objects left by " + ROUNDS + " rounds");
    }

    private static void round(Runnable action) {
        try (TensorScope _ = TensorScope.open()) {
            action.run();
        }
    }
}
