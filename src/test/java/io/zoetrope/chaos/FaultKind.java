package io.zoetrope.chaos;

import java.util.Locale;

/// The kinds of fault that a run can be asked for.
enum FaultKind {
    /// SIGKILL of a worker.
    KILL,
    /// SIGSTOP of a worker until others have its jobs, then SIGCONT.
    PAUSE,
    /// SIGTERM of a worker.
    TERM,
    /// Restart of the broker, in order or by SIGKILL.
    BROKER,
    /// Outage of the store.
    STORE,
    /// The same request again, or another one under its id.
    DUPLICATE,
    /// Commands to stop, several at once.
    CANCEL;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// How many are injected in a run of so many jobs that says nothing else; at least one.
    int usual(int jobs) {
        return Math.max(
                1,
                switch (this) {
                    case KILL -> jobs / 5;
                    case PAUSE -> jobs / 20;
                    case TERM -> jobs / 10;
                    case BROKER, STORE -> jobs / 40;
                    case DUPLICATE -> jobs / 2;
                    case CANCEL -> jobs / 10;
                });
    }

    /// Whether a job may be computed more than once because of it.
    boolean repeatsWork() {
        return switch (this) {
            case KILL, PAUSE, TERM, BROKER, STORE -> true;
            case DUPLICATE, CANCEL -> false;
        };
    }
}
