package io.zoetrope.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.request.RequestReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// The whole trail of one job, read in the order of arrival: its state, every fact with its standing, and what is
/// missing. Nothing is dropped: a fact that did not count says why.
///
/// @param summary state of the job after the last fact
/// @param entries every fact, in order of arrival
/// @param gaps    places that no fact came for
public record JobHistory(JobSummary summary, List<Entry> entries, List<Gap> gaps) {

    /// What became of a fact.
    public enum Standing {
        /// It changed the state.
        COUNTED,
        /// The same was said before under the same id.
        DUPLICATE,
        /// Something else was said before under the same id: two speakers contradict each other.
        CONFLICTING,
        /// A newer fact had already been counted.
        LATE,
        /// The job had already ended.
        AFTER_END
    }

    public record Entry(GenerationEvent event, Standing standing) {}

    /// Sequence numbers `from` to `to` of one attempt, both included, that are missing before the attempt's last
    /// fact.
    public record Gap(int attempt, long from, long to) {}

    public JobHistory {
        entries = List.copyOf(entries);
        gaps = List.copyOf(gaps);
    }

    /// @param events facts of one job, at least one, in order of arrival
    public static JobHistory fold(List<GenerationEvent> events) {
        if (events.isEmpty()) {
            throw new IllegalArgumentException("no facts, expected at least one");
        }
        Map<String, JsonNode> seen = new HashMap<>();
        List<Entry> entries = new ArrayList<>();
        JobSummary summary = null;
        for (GenerationEvent event : events) {
            JsonNode content = content(event);
            JsonNode earlier = seen.putIfAbsent(event.id(), content);
            entries.add(new Entry(event, standing(summary, event, content, earlier)));
            if (summary == null) {
                summary = JobSummary.of(event);
            } else if (earlier == null) {
                summary = summary.next(event);
            }
        }
        return new JobHistory(summary, entries, gaps(events));
    }

    public JobState state() {
        return summary.state();
    }

    /// The fact that ended the job; empty while it goes on.
    public Optional<GenerationEvent> end() {
        return entries.stream()
                .filter(entry -> entry.standing() == Standing.COUNTED)
                .map(Entry::event)
                .filter(GenerationEvent::terminal)
                .findFirst();
    }

    /// The facts that did not count, for whoever wants to know why.
    public List<Entry> flagged() {
        return entries.stream()
                .filter(entry -> entry.standing() != Standing.COUNTED)
                .toList();
    }

    private static Standing standing(JobSummary summary, GenerationEvent event, JsonNode content, JsonNode earlier) {
        if (earlier != null) {
            return earlier.equals(content) ? Standing.DUPLICATE : Standing.CONFLICTING;
        }
        if (summary == null || summary.counts(event)) {
            return Standing.COUNTED;
        }
        return summary.state().terminal() ? Standing.AFTER_END : Standing.LATE;
    }

    /// What a fact says, without the moment at which it was said: saying it again later is no contradiction.
    private static JsonNode content(GenerationEvent event) {
        ObjectNode content = EventJson.tree(event);
        content.remove("header");
        if (event instanceof GenerationEvent.Requested requested) {
            content.set("request", canonical(requested.request()));
        }
        return content.put("type", EventType.of(event).typeName());
    }

    /// The same request may be written in several ways: a record that is published again has the canonical one.
    private static JsonNode canonical(JsonNode request) {
        ParsedRequest parsed = RequestReader.read(EventJson.bytes(request));
        return parsed.isValid() ? EventJson.object("request", parsed.request().toJson()) : request;
    }

    private static List<Gap> gaps(List<GenerationEvent> events) {
        Map<Integer, TreeSet<Long>> sequences = new TreeMap<>();
        for (GenerationEvent event : events) {
            if (event.header().isOutsideOfAttempts()) {
                continue; // most of those places stay empty
            }
            sequences
                    .computeIfAbsent(event.header().attempt(), _ -> new TreeSet<>())
                    .add(event.header().sequence());
        }
        List<Gap> gaps = new ArrayList<>();
        sequences.forEach((attempt, present) -> {
            long expected = 0;
            for (long sequence : present) {
                if (sequence > expected) {
                    gaps.add(new Gap(attempt, expected, sequence - 1));
                }
                expected = sequence + 1;
            }
        });
        return gaps;
    }
}
