package io.zoetrope.cli;

import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.worker.kafka.TrailRecord;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/// Facts for people: one line each, steps as a bar where there is a terminal.
final class FactPrinter implements AutoCloseable {

    /// Characters of a prompt, so that a fact stays on its line.
    private static final int LONGEST_PROMPT = 72;

    private final EventCodec codec = new EventCodec(URI.create("/zoetrope/cli"));
    private final PrintWriter out;
    private final boolean json;
    private Progress bar;
    private Instant first;

    FactPrinter(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    GenerationEvent print(TrailRecord record) {
        CloudEvent message = record.cloudEvent();
        GenerationEvent event = codec.read(message);
        if (json) {
            out.println(new String(message.structured(), StandardCharsets.UTF_8));
        } else {
            print(event);
        }
        out.flush();
        return event;
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private void print(GenerationEvent event) {
        if (event instanceof GenerationEvent.StepCompleted step) {
            if (bar == null) {
                bar = Progress.of("  steps", step.steps());
            }
            if (bar.visible()) {
                bar.at(step.step());
                return;
            }
        } else {
            close();
        }
        first = first == null ? event.header().at() : first;
        double seconds = Duration.between(first, event.header().at()).toMillis() / 1000.0;
        out.println(String.format(Locale.ROOT, "%7.2f s  %s", seconds, describe(event)));
    }

    private static String describe(GenerationEvent event) {
        return switch (event) {
            case GenerationEvent.Requested _ -> "requested   " + event.job();
            case GenerationEvent.Accepted accepted ->
                "accepted    by %s, model %s, seed %s"
                        .formatted(
                                accepted.worker(),
                                accepted.provenance().model().name(),
                                accepted.provenance().seed());
            case GenerationEvent.Rejected rejected -> describe(rejected);
            case GenerationEvent.StageStarted started ->
                "started     %s on %s".formatted(started.stage().label(), started.device());
            case GenerationEvent.PromptEnhanced enhanced -> describe(enhanced);
            case GenerationEvent.StepCompleted step ->
                String.format(Locale.ROOT, "step        %d of %d, sigma %.3f", step.step(), step.steps(), step.sigma());
            case GenerationEvent.StageCompleted completed ->
                String.format(
                        Locale.ROOT,
                        "completed   %s in %.2f s",
                        completed.stage().label(),
                        seconds(completed.duration()));
            case GenerationEvent.Released released ->
                "released    %s: %s".formatted(released.reason(), released.detail());
            case GenerationEvent.Resumed resumed ->
                "resumed     %s from step %d".formatted(resumed.stage().label(), resumed.fromStep());
            case GenerationEvent.CheckpointIgnored ignored ->
                "ignored     %s: %s".formatted(ignored.key(), ignored.reason());
            case GenerationEvent.Republished republished ->
                "republished %s, in place of %s/%d/%d"
                        .formatted(
                                republished.reason().label(),
                                republished.topic(),
                                republished.partition(),
                                republished.offset());
            case GenerationEvent.CancelRequested _ -> "cancel requested";
            case GenerationEvent.Cancelled cancelled -> describe(cancelled);
            case GenerationEvent.Failed failed -> "failed      %s: %s".formatted(failed.code(), failed.detail());
            case GenerationEvent.Completed completed ->
                String.format(
                        Locale.ROOT,
                        "done        in %.2f s",
                        seconds(completed.timings().total()));
        };
    }

    private static String describe(GenerationEvent.PromptEnhanced enhanced) {
        String decoding =
                enhanced.decoding().label() + (enhanced.seed() == null ? "" : " with seed " + enhanced.seed());
        String length = enhanced.tokensOut() + (enhanced.truncated() ? " tokens, cut off" : " tokens");
        return enhanced.rewritten()
                ? "enhanced    prompt: %s (%s, %s)".formatted(shortened(enhanced.prompt()), decoding, length)
                : "enhanced    nothing, prompt kept: %s (%s, %s)".formatted(enhanced.reason(), decoding, length);
    }

    private static String describe(GenerationEvent.Rejected rejected) {
        int more = rejected.problemCount() - rejected.problems().size();
        return "rejected    " + rejected.problems() + (more == 0 ? "" : " and %d more".formatted(more));
    }

    private static String describe(GenerationEvent.Cancelled cancelled) {
        String where = cancelled.stage() == null
                ? "before the first stage"
                : "in %s at step %d".formatted(cancelled.stage().label(), cancelled.atStep());
        String after = cancelled.latency() == null
                ? ""
                : String.format(Locale.ROOT, ", %.2f s after the command", seconds(cancelled.latency()));
        return "cancelled   " + where + after;
    }

    private static String shortened(String prompt) {
        String line = Lines.one(prompt);
        boolean fits = line.codePointCount(0, line.length()) <= LONGEST_PROMPT;
        return fits ? line : line.substring(0, line.offsetByCodePoints(0, LONGEST_PROMPT)) + "…";
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
