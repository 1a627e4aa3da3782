package io.zoetrope.chaos;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What was really done.
final class FaultLog {

    /// @param worker id of the process; empty if the fault was of something else
    /// @param detail for people
    record Entry(FaultKind kind, String worker, Instant at, String detail) {}

    private final List<Entry> entries = new ArrayList<>();
    private final List<String> late = new ArrayList<>();

    synchronized void add(FaultKind kind, String worker, Instant at, String detail) {
        entries.add(new Entry(kind, worker, at, detail));
    }

    synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /// Notes a worker that did not leave in time.
    synchronized void late(String worker) {
        late.add(worker);
    }

    synchronized List<String> late() {
        return List.copyOf(late);
    }

    synchronized long count(FaultKind kind) {
        return entries.stream().filter(entry -> entry.kind() == kind).count();
    }
}
