package io.zoetrope.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.ReleaseReason;
import io.zoetrope.audit.ResultMessage;
import io.zoetrope.audit.Stage;
import io.zoetrope.chaos.Evidence.Said;
import io.zoetrope.media.DecodedMedia;
import io.zoetrope.media.MediaLimits;
import io.zoetrope.media.MediaReader;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Judges a run by what it has left: the topics, the store, and the list of what was submitted. Knows nothing of what
/// was
/// done to the workers.
final class History {

    /// What was found wrong with a job.
    record Finding(String what, JobId job, String detail) {

        @Override
        public String toString() {
            return "%s: %s: %s".formatted(job, what, detail);
        }
    }

    /// Which rules hold only where nothing disturbs the workers.
    ///
    /// @param onceOnly  whether every job must have been computed once
    /// @param stopsSoon whether a cancelled job must have stopped within a step
    record Rules(boolean onceOnly, boolean stopsSoon) {}

    private static final int SAMPLE_OF_CLIPS = 12;
    private static final Duration HEARING = Duration.ofMillis(500);

    private final Evidence evidence;
    private final ArtifactStore store;
    private final List<Submission> submissions;
    private final Rules rules;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<JobId, List<Said>> facts;
    private final Map<String, Integer> counts = new TreeMap<>();
    private final Map<String, String> digests = new HashMap<>();
    private final List<Duration> stops = new ArrayList<>();
    private final Map<Integer, Integer> stepsAfterCancel = new TreeMap<>();
    private final List<Duration> steps = new ArrayList<>();
    private int clipsToDecode = SAMPLE_OF_CLIPS;

    private History(Evidence evidence, ArtifactStore store, List<Submission> submissions, Rules rules) {
        this.evidence = evidence;
        this.store = store;
        this.submissions = submissions;
        this.rules = rules;
        this.facts = evidence.facts().stream()
                .collect(Collectors.groupingBy(said -> said.fact().job()));
    }

    static History judge(Evidence evidence, ArtifactStore store, List<Submission> submissions, Rules rules) {
        History history = new History(evidence, store, submissions, rules);
        submissions.forEach(history::judge);
        history.judgeFiles();
        history.judgeDeadLetters();
        return history;
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    /// How many of what there were, by name.
    Map<String, Integer> counts() {
        return counts;
    }

    /// From the broker's having a command to stop to the job's end.
    List<Duration> stops() {
        return stops.stream().sorted().toList();
    }

    /// How long the steps took.
    List<Duration> steps() {
        return steps.stream().sorted().toList();
    }

    /// How many cancelled jobs ended how many steps after the command.
    Map<Integer, Integer> stepsAfterCancel() {
        return stepsAfterCancel;
    }

    private void judge(Submission submission) {
        JobId job = submission.job();
        List<Said> said = facts.getOrDefault(job, List.of());
        List<Said> ends = said.stream().filter(fact -> fact.fact().terminal()).toList();
        count("jobs");
        count("records of requests", submission.records() + submission.conflicts());
        count("duplicates", submission.records() - 1);
        if (ends.isEmpty()) {
            find(
                    "lost",
                    job,
                    "no terminal fact; the last is "
                            + (said.isEmpty() ? "none" : said.getLast().data()));
            return;
        }
        GenerationEvent end = ends.getFirst().fact();
        count(end.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        count("ends announced again", ends.size() - 1);
        judgeEnds(job, ends);
        judgeIds(job, said);
        judgeState(job, end);
        judgeResults(submission, end);
        judgeAttempts(job, said);
        switch (end) {
            case GenerationEvent.Completed completed -> judgeClip(submission, completed);
            case GenerationEvent.Cancelled cancelled -> judgeCancel(submission, said, cancelled);
            default -> find("not completed", job, ends.getFirst().data().toString());
        }
    }

    /// One end, on the topic as in the store.
    private void judgeEnds(JobId job, List<Said> ends) {
        Set<JsonNode> different = ends.stream().map(Said::data).collect(Collectors.toCollection(HashSet::new));
        Evidence.terminal(store, job)
                .ifPresentOrElse(
                        stored -> different.add(stored.data()),
                        () -> find("end not stored", job, "terminal.json is missing"));
        if (different.size() > 1) {
            find("contradicting ends", job, different.toString());
        }
    }

    /// What is said twice under one id is the same.
    private void judgeIds(JobId job, List<Said> said) {
        Map<String, JsonNode> byId = new HashMap<>();
        for (Said one : said) {
            JsonNode before = byId.putIfAbsent(one.fact().id(), one.data());
            if (before != null && !before.equals(one.data())) {
                find(
                        "one id, two facts",
                        job,
                        "%s: %s and %s".formatted(one.fact().id(), before, one.data()));
            }
        }
    }

    /// What the compacted topic keeps is the end.
    private void judgeState(JobId job, GenerationEvent end) {
        String status = Optional.ofNullable(evidence.states().get(job))
                .map(summary -> summary.state().status())
                .orElse("nothing");
        if (!status.equals(end.getClass().getSimpleName().toLowerCase(Locale.ROOT))) {
            find("the last state is not the end", job, status);
        }
    }

    private void judgeResults(Submission submission, GenerationEvent end) {
        String expected = end.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        List<ResultMessage> results = evidence.results().stream()
                .filter(result -> result.job().equals(submission.job()))
                .toList();
        long refused = results.stream()
                .filter(result -> result.status().equals("rejected"))
                .count();
        if (results.stream().noneMatch(result -> result.status().equals(expected))) {
            find("no result", submission.job(), "results: " + results);
        }
        List<ResultMessage> others = results.stream()
                .filter(result -> !result.status().equals(expected))
                .filter(result ->
                        submission.conflicts() == 0 || !result.status().equals("rejected"))
                .toList();
        if (!others.isEmpty()) {
            find("contradicting results", submission.job(), others.toString());
        }
        if (refused < submission.conflicts()) {
            find("other content not refused", submission.job(), "%d of %d".formatted(refused, submission.conflicts()));
        }
        count("other requests under a known id refused", submission.conflicts());
    }

    /// At most one step is computed again by whoever follows a worker that left in good order; without faults that
    /// interrupt, nothing is.
    private void judgeAttempts(JobId job, List<Said> said) {
        Map<Integer, List<Integer>> stepsOf = new TreeMap<>();
        Map<Integer, Instant> drained = new HashMap<>();
        Map<Integer, Instant> begun = new HashMap<>();
        int denoised = 0;
        for (Said one : said) {
            int attempt = one.fact().header().attempt();
            begun.putIfAbsent(attempt, one.fact().header().at());
            switch (one.fact()) {
                case GenerationEvent.StepCompleted step -> {
                    stepsOf.computeIfAbsent(attempt, _ -> new ArrayList<>()).add(step.step());
                    steps.add(step.duration());
                }
                case GenerationEvent.Released released -> {
                    count("released: " + released.reason().name().toLowerCase(Locale.ROOT));
                    if (released.reason() == ReleaseReason.DRAINED) {
                        drained.put(attempt, one.fact().header().at());
                    }
                }
                case GenerationEvent.StageStarted started -> denoised += started.stage() == Stage.DENOISE ? 1 : 0;
                case GenerationEvent.Resumed resumed ->
                    count(
                            resumed.stage() == Stage.DENOISE && resumed.fromStep() > 0
                                    ? "resumed in the middle of denoising"
                                    : "resumed at a stage");
                default -> {}
            }
        }
        List<Integer> attempts = List.copyOf(stepsOf.keySet());
        Set<Integer> different = new HashSet<>();
        stepsOf.values().forEach(different::addAll);
        int computed = stepsOf.values().stream().mapToInt(List::size).sum();
        count("steps computed", computed);
        count("steps computed again", computed - different.size());
        count("jobs with several attempts", attempts.size() > 1 ? 1 : 0);
        for (int index = 0; index + 1 < attempts.size(); index++) {
            // An attempt that was overtaken before it was drained, by others' taking its record, promises nothing.
            Instant left = drained.get(attempts.get(index));
            if (left != null && !begun.get(attempts.get(index + 1)).isBefore(left)) {
                int again = stepsOf.get(attempts.get(index)).getLast()
                        + 1
                        - stepsOf.get(attempts.get(index + 1)).getFirst();
                count("steps computed again after a drain", Math.max(0, again));
                if (again > 1) {
                    find(
                            "too many steps again after a drain",
                            job,
                            "%d of attempt %d".formatted(again, attempts.get(index)));
                }
            }
        }
        if (rules.onceOnly() && denoised > 1) {
            find("computed more than once", job, "denoised %d times".formatted(denoised));
        }
    }

    private void judgeClip(Submission submission, GenerationEvent.Completed completed) {
        JobId job = submission.job();
        List<ArtifactReference> clips = completed.artifacts();
        if (clips.size() != 1 || !clips.getFirst().mediaType().equals("video/mp4")) {
            find("not one clip", job, clips.toString());
            return;
        }
        ArtifactReference clip = clips.getFirst();
        judgeDigest(submission, "latents", completed.digests().getOrDefault("latents", "missing"));
        judgeDigest(submission, "clip", clip.sha256());
        ArtifactKey key = new ArtifactKey(clip.key());
        if (!store.exists(key).await().indefinitely()) {
            find("clip missing", job, clip.key());
            return;
        }
        byte[] content = store.read(key).await().indefinitely();
        if (content.length != clip.bytes() || !Sha256.of(content).equals(clip.sha256())) {
            find("clip is not what the fact says", job, clip.key());
        } else if (clipsToDecode-- > 0) {
            decode(job, content);
        }
    }

    /// All jobs of one request give the same.
    private void judgeDigest(Submission submission, String of, String digest) {
        String first = digests.putIfAbsent(submission.sample() + " " + of, digest);
        if (first != null && !first.equals(digest)) {
            find("another " + of, submission.job(), "%s of %s, first %s".formatted(digest, submission.sample(), first));
        }
    }

    private void decode(JobId job, byte[] content) {
        try {
            Path file = Files.createTempFile("chaos-", ".mp4");
            try {
                Files.write(file, content);
                try (DecodedMedia media = new MediaReader(MediaLimits.DEFAULT).decode(file)) {
                    if (media.video().isEmpty() || media.sound().isEmpty()) {
                        find("clip without picture or sound", job, file.toString());
                    }
                    count("clips decoded");
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException | RuntimeException e) {
            find("clip cannot be decoded", job, e.toString());
        }
    }

    private void judgeCancel(Submission submission, List<Said> said, GenerationEvent.Cancelled cancelled) {
        Instant asked = submission.cancelledAt();
        if (asked == null) {
            find("cancelled unasked", submission.job(), cancelled.toString());
            return;
        }
        if (!wasInHand(said, asked)) {
            count("cancelled while waiting for a worker");
            return;
        }
        stops.add(Duration.between(asked, cancelled.header().at()));
        List<GenerationEvent.StepCompleted> after = said.stream()
                .map(Said::fact)
                .filter(GenerationEvent.StepCompleted.class::isInstance)
                .map(GenerationEvent.StepCompleted.class::cast)
                .filter(step -> step.header().at().isAfter(asked))
                .toList();
        stepsAfterCancel.merge(after.size(), 1, Integer::sum);
        boolean late = after.stream()
                .anyMatch(step -> step.header().at().minus(step.duration()).isAfter(asked.plus(HEARING)));
        if (late && rules.stopsSoon()) {
            find("a step began after the command to stop", submission.job(), after.toString());
        }
    }

    /// Whether a worker had the job at that time.
    private static boolean wasInHand(List<Said> said, Instant time) {
        return said.stream()
                .map(Said::fact)
                .filter(fact ->
                        fact.header().attempt() > 0 && !fact.header().at().isAfter(time))
                .reduce((_, last) -> last)
                .filter(last -> !(last instanceof GenerationEvent.Released))
                .isPresent();
    }

    /// Under a job lie its request, its end and what the end names, and nothing else anywhere.
    private void judgeFiles() {
        Map<String, Submission> known = submissions.stream()
                .collect(Collectors.toMap(
                        submission -> ArtifactKey.folderOf(submission.job()), submission -> submission));
        Map<JobId, Set<String>> named = new HashMap<>();
        for (Submission submission : submissions) {
            Set<String> keys = new HashSet<>(Set.of(
                    ArtifactKey.requestOf(submission.job()).value(),
                    ArtifactKey.terminalOf(submission.job()).value()));
            endOf(submission.job()).ifPresent(end -> {
                if (end instanceof GenerationEvent.Completed completed) {
                    completed.artifacts().forEach(artifact -> keys.add(artifact.key()));
                }
            });
            named.put(submission.job(), keys);
        }
        for (ArtifactKey file : evidence.files()) {
            count("files");
            String folder = file.value()
                    .substring(0, file.value().length() - file.name().length());
            Submission submission = known.get(folder);
            JobId job = submission == null ? new JobId("nobody") : submission.job();
            if (submission == null || !named.get(job).contains(file.value())) {
                count("orphan files");
                if (submission == null || endOf(job).isPresent()) {
                    find("orphan file", job, file.value());
                }
            }
        }
    }

    private void judgeDeadLetters() {
        Map<JobId, Submission> known =
                submissions.stream().collect(Collectors.toMap(Submission::job, submission -> submission));
        evidence.dead().forEach(letter -> {
            count("dead letters");
            Submission submission = known.get(letter.job());
            if (submission == null || submission.conflicts() == 0) {
                find("dead letter", letter.job(), letter.reason() + ": " + letter.detail());
            }
        });
    }

    private Optional<GenerationEvent> endOf(JobId job) {
        return facts.getOrDefault(job, List.of()).stream()
                .map(Said::fact)
                .filter(GenerationEvent::terminal)
                .findFirst();
    }

    private void count(String what) {
        count(what, 1);
    }

    private void count(String what, int number) {
        counts.merge(what, number, Integer::sum);
    }

    private void find(String what, JobId job, String detail) {
        count("WRONG " + what);
        findings.add(new Finding(what, job, detail.length() > 400 ? detail.substring(0, 400) + " …" : detail));
    }
}
