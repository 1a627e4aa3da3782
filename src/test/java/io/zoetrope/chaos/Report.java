package io.zoetrope.chaos;

import io.zoetrope.chaos.Evidence.Said;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Tells what was done and what became of it.
final class Report {

    private static final List<FaultKind> OF_WORKERS = List.of(FaultKind.KILL, FaultKind.PAUSE, FaultKind.TERM);

    private final PrintWriter out;

    Report(PrintWriter out) {
        this.out = out;
    }

    /// The faults, by kind and detail.
    void faults(FaultLog log) {
        out.println();
        out.printf("%-12s %6s   %s%n", "fault", "count", "of which");
        for (FaultKind kind : FaultKind.values()) {
            List<FaultLog.Entry> entries =
                    log.entries().stream().filter(entry -> entry.kind() == kind).toList();
            if (!entries.isEmpty()) {
                out.printf("%-12s %6d   %s%n", kind.label(), entries.size(), details(kind, entries));
            }
        }
    }

    /// Where workers were when a signal met them, by their facts.
    ///
    /// @return the places that nothing has hit
    List<Place> places(FaultLog log, Collection<Said> facts, int steps) {
        Map<Place, Map<FaultKind, Integer>> hits = new LinkedHashMap<>();
        Place.all(steps).forEach(place -> hits.put(place, new EnumMap<>(FaultKind.class)));
        log.entries().stream()
                .filter(entry -> OF_WORKERS.contains(entry.kind()))
                .sorted(Comparator.comparing(FaultLog.Entry::at))
                .forEach(entry -> placesOf(entry, facts)
                        .forEach(place -> hits.computeIfAbsent(place, _ -> new EnumMap<>(FaultKind.class))
                                .merge(entry.kind(), 1, Integer::sum)));
        out.println();
        out.printf("%-22s %6s %6s %6s%n", "a worker's place", "kill", "pause", "term");
        hits.forEach((place, byKind) -> out.printf(
                "%-22s %6d %6d %6d%n",
                place.name(),
                byKind.getOrDefault(FaultKind.KILL, 0),
                byKind.getOrDefault(FaultKind.PAUSE, 0),
                byKind.getOrDefault(FaultKind.TERM, 0)));
        return hits.entrySet().stream()
                .filter(entry -> entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    void history(History history) {
        out.println();
        history.counts().forEach((what, count) -> out.printf("%-46s %7d%n", what, count));
        List<Duration> steps = history.steps();
        if (!steps.isEmpty()) {
            out.printf(
                    "a step takes: median %d ms, most %d ms%n",
                    steps.get(steps.size() / 2).toMillis(), steps.getLast().toMillis());
        }
        List<Duration> stops = history.stops();
        if (!stops.isEmpty()) {
            out.printf(
                    "cancelled in the hands of a worker: %d; from the command to the end: median %d ms, most %d ms; steps that ended after it: %s%n",
                    stops.size(),
                    stops.get(stops.size() / 2).toMillis(),
                    stops.getLast().toMillis(),
                    history.stepsAfterCancel());
        }
    }

    void findings(List<String> findings) {
        if (!findings.isEmpty()) {
            out.println();
            findings.stream().limit(40).forEach(finding -> out.println("WRONG " + finding));
            if (findings.size() > 40) {
                out.printf("… and %d more%n", findings.size() - 40);
            }
        }
    }

    private static List<Place> placesOf(FaultLog.Entry entry, Collection<Said> facts) {
        Tracker tracker = new Tracker();
        facts.stream()
                .map(Said::fact)
                .takeWhile(fact -> !fact.header().at().isAfter(entry.at()))
                .forEach(tracker::apply);
        List<Place> places = tracker.places(entry.worker());
        return places.isEmpty() ? List.of(Place.IDLE) : places;
    }

    private static String details(FaultKind kind, List<FaultLog.Entry> entries) {
        return switch (kind) {
            case KILL, CANCEL -> "";
            case TERM -> {
                List<Double> times = new ArrayList<>();
                Map<String, Integer> busy = new TreeMap<>();
                entries.forEach(entry -> {
                    String[] words = entry.detail().split(" ");
                    busy.merge(words[0], 1, Integer::sum);
                    times.add(Double.valueOf(words[1]));
                });
                times.sort(Comparator.naturalOrder());
                yield "%s; seconds to leave: median %.1f, most %.1f"
                        .formatted(busy, times.get(times.size() / 2), times.getLast());
            }
            case PAUSE, BROKER, STORE, DUPLICATE ->
                entries.stream()
                        .collect(Collectors.groupingBy(FaultLog.Entry::detail, TreeMap::new, Collectors.counting()))
                        .toString();
        };
    }
}
