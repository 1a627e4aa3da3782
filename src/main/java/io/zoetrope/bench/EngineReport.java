package io.zoetrope.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.bench.EngineComparison.Figures;
import io.zoetrope.bench.EngineComparison.Result;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// The figures of a comparison: as lines of JSON that are kept, and as a table in Markdown.
public final class EngineReport {

    private record Entry(Workload workload, int threads, String side, Result result) {}

    /// A row of the table, by its name.
    private record Row(Workload workload, String name) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double MEBIBYTE = 1 << 20;

    private final Machine machine;
    private final Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final List<Entry> entries = new ArrayList<>();

    public EngineReport(Machine machine) {
        this.machine = machine;
    }

    /// @return the line of what was added
    public String add(Workload workload, int threads, String side, Result result) {
        Entry entry = new Entry(workload, threads, side, result);
        entries.add(entry);
        return line(entry);
    }

    /// One object for each workload, number of threads and side.
    public List<String> lines() {
        return entries.stream().map(this::line).toList();
    }

    /// Seconds, and the ratio to the other side where there is one: of the least runs and of the medians. The last
    /// column compares each side's better number of threads.
    public List<String> table() {
        List<Integer> threads = entries.stream().map(Entry::threads).distinct().toList();
        List<String> sides = entries.stream().map(Entry::side).distinct().toList();
        List<String> lines = new ArrayList<>();
        StringBuilder head = new StringBuilder("| | operations |");
        StringBuilder rule = new StringBuilder("| --- | --- |");
        for (int count : threads) {
            for (String side : sides) {
                head.append(" %s, %d thread%s |".formatted(side, count, count == 1 ? "" : "s"));
                rule.append(" --- |");
            }
            if (sides.size() > 1) {
                head.append(" ratio (median) |");
                rule.append(" --- |");
            }
        }
        if (sides.size() > 1) {
            head.append(" best of both |");
            rule.append(" --- |");
        }
        lines.add("%s; %d cores; %s; %s".formatted(machine.processor(), machine.cores(), machine.commit(), time));
        lines.add("");
        lines.add(head.toString());
        lines.add(rule.toString());
        rows().forEach(row -> lines.add(line(row, threads, sides)));
        return lines;
    }

    private List<Row> rows() {
        Map<Row, Boolean> rows = new LinkedHashMap<>();
        for (Entry entry : entries) {
            entry.result().stages().keySet().forEach(stage -> rows.put(new Row(entry.workload(), stage.label()), true));
            if (entry.result().cold() != null) {
                rows.put(new Row(entry.workload(), "cold"), true);
            }
            rows.put(new Row(entry.workload(), "memory"), true);
        }
        return List.copyOf(rows.keySet());
    }

    private String line(Row row, List<Integer> threads, List<String> sides) {
        StringBuilder line =
                new StringBuilder("| %s %s | %s |".formatted(row.workload().name(), row.name(), operations(row)));
        for (int count : threads) {
            for (String side : sides) {
                line.append(" %s |"
                        .formatted(find(row, count, side)
                                .map(figures -> shown(row, figures.least()))
                                .orElse("")));
            }
            if (sides.size() > 1) {
                line.append(" %s (%s) |"
                        .formatted(
                                ratio(find(row, count, sides.get(0)), find(row, count, sides.get(1)), Figures::least),
                                ratio(
                                        find(row, count, sides.get(0)),
                                        find(row, count, sides.get(1)),
                                        Figures::median)));
            }
        }
        if (sides.size() > 1) {
            line.append(" **%s** |"
                    .formatted(
                            ratio(best(row, threads, sides.get(0)), best(row, threads, sides.get(1)), Figures::least)));
        }
        return line.toString();
    }

    private static String shown(Row row, double figure) {
        return row.name().equals("memory") ? "%.0f MiB".formatted(figure / MEBIBYTE) : "%.4f s".formatted(figure);
    }

    private String operations(Row row) {
        return entries.stream()
                .flatMap(entry -> figures(row, entry).stream())
                .mapToLong(Figures::operations)
                .filter(count -> count > 0)
                .mapToObj(Long::toString)
                .findFirst()
                .orElse("");
    }

    private Optional<Figures> best(Row row, List<Integer> threads, String side) {
        return threads.stream()
                .flatMap(count -> find(row, count, side).stream())
                .min(Comparator.comparingDouble(Figures::least));
    }

    private Optional<Figures> find(Row row, int threads, String side) {
        return entries.stream()
                .filter(entry -> entry.threads() == threads && entry.side().equals(side))
                .flatMap(entry -> figures(row, entry).stream())
                .findFirst();
    }

    private static Optional<Figures> figures(Row row, Entry entry) {
        if (!entry.workload().equals(row.workload())) {
            return Optional.empty();
        }
        return switch (row.name()) {
            case "memory" ->
                Optional.of(new Figures(List.of((double) entry.result().peakBytes()), 0));
            case "cold" -> Optional.ofNullable(entry.result().cold());
            default ->
                entry.result().stages().entrySet().stream()
                        .filter(stage -> stage.getKey().label().equals(row.name()))
                        .map(Map.Entry::getValue)
                        .findFirst();
        };
    }

    private static String ratio(Optional<Figures> ours, Optional<Figures> theirs, ToDoubleFunction<Figures> what) {
        return ours.isEmpty() || theirs.isEmpty()
                ? ""
                : "%.2f".formatted(what.applyAsDouble(ours.get()) / what.applyAsDouble(theirs.get()));
    }

    private String line(Entry entry) {
        ObjectNode line = JSON.createObjectNode();
        line.put("time", time.toString()).put("commit", machine.commit()).put("processor", machine.processor());
        line.put("cores", machine.cores()).put("memory", machine.memory());
        line.put("workload", entry.workload().name())
                .put("threads", entry.threads())
                .put("side", entry.side());
        ObjectNode stages = line.putObject("stages");
        entry.result().stages().forEach((stage, figures) -> put(stages.putObject(stage.label()), figures));
        if (entry.result().cold() != null) {
            put(stages.putObject("cold"), entry.result().cold());
        }
        line.put("peak_bytes", entry.result().peakBytes());
        return line.toString();
    }

    private static void put(ObjectNode node, Figures figures) {
        node.put("least", figures.least()).put("median", figures.median());
        node.put("runs", figures.seconds().size());
        if (figures.operations() > 0) {
            node.put("operations", figures.operations());
        }
    }
}
