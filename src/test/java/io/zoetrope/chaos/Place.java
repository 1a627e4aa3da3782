package io.zoetrope.chaos;

import io.zoetrope.audit.Stage;
import java.util.ArrayList;
import java.util.List;

/// Where a worker is in a job, as far as its facts tell.
///
/// @param name for the table
record Place(String name) {

    /// It has nothing to do, or is receiving a request.
    static final Place IDLE = new Place("idle, reception");

    static final Place RECEIVED = new Place("received");
    static final Place LATENTS = new Place("after the last step");

    /// Between the stages: memory is reserved, or the job is handed over.
    static Place after(Stage stage) {
        return new Place("after " + stage.label());
    }

    static Place in(Stage stage) {
        return switch (stage) {
            case TEXT_ENCODE, DECODE -> new Place(stage.label());
            case DENOISE -> step(1);
        };
    }

    /// @param step that is being computed, from 1
    static Place step(int step) {
        return new Place("step " + step);
    }

    /// Whether the next stage may be another worker's, who has the job as soon as it begins.
    boolean isHandover() {
        return equals(after(Stage.TEXT_ENCODE)) || equals(after(Stage.DENOISE));
    }

    /// Whether a worker stays there for a tenth of a second or longer.
    boolean isLong() {
        return name.startsWith("step ") || equals(in(Stage.DECODE)) || equals(IDLE);
    }

    /// @param done steps of all `steps`
    static Place afterStep(int done, int steps) {
        return done < steps ? step(done + 1) : LATENTS;
    }

    /// All there are, in the order of a job.
    static List<Place> all(int steps) {
        List<Place> all = new ArrayList<>(List.of(IDLE, RECEIVED, in(Stage.TEXT_ENCODE), after(Stage.TEXT_ENCODE)));
        for (int step = 1; step <= steps; step++) {
            all.add(step(step));
        }
        all.addAll(List.of(LATENTS, after(Stage.DENOISE), in(Stage.DECODE), after(Stage.DECODE)));
        return all;
    }
}
