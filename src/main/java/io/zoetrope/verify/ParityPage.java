package io.zoetrope.verify;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.zoetrope.engine.tensor.Device;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The page that tells, case by case, how near the engine comes to the reference implementation. The same
/// verdicts give the same page: nothing on it says when or where the cases ran, and times are rounded up to
/// 1, 2 or 5 of a decade.
///
/// @param version  of the build
/// @param device   on which the cases ran
/// @param verdicts in any order; of two on one case a failed one counts
public record ParityPage(String version, Device device, List<Verdict> verdicts) {

    private static final String INTRODUCTION = """
            # Parity with the reference implementation

            Each part of the engine against the tensors that the reference implementation of LTX-2 computed from the same
            weights and inputs. This page is written by

            ```
            ./zoetrope verify GOLDEN --report docs/parity.md
            ```

            where `GOLDEN` is the folder of all golden cases. A selection of them is kept in `src/test/resources/golden`; the
            tests run it and hold this page to the verdicts.

            Zoetrope %s on `%s`. The model runs in float32, except for cases with `bf16` in their name: there it
            runs in bfloat16.

            **%d cases of %d components: %d pass, %d fail.**
            """;

    private static final String LEGEND = """

            *Absolute* is the greatest difference |ours - theirs| of a number in any output, *relative* the greatest difference
            over the greatest |theirs| of its output, *tensor* the output with the greatest absolute difference. A number may
            differ by *atol + rtol* · |theirs|; *used* is the greatest share that a difference takes of what is allowed at its place,
            100 % being all of it. Colour levels of a picture may differ by 1 and are in the remark only. Where another rule than
            this decides, the remark says so. *Time* is that of a run of the component, rounded up to 1, 2 or 5 of a decade.
            """;

    /// The first sentence; a version at the beginning ("2.0. Whole text path") is none.
    private static final Pattern SENTENCE = Pattern.compile("^(.{8,}?)\\.(\\s|$)", Pattern.DOTALL);

    private static final Pattern FOLDERS = Pattern.compile("(?<![\\w.*])/(?:[^\\s/:,;'\"]+/)+");
    private static final Pattern MARKUP = Pattern.compile("[\\\\|*<\\[`]");
    private static final int LONGEST_DESCRIPTION = 140;

    private static final Duration SHORTEST = Duration.ofMillis(100);

    public ParityPage {
        verdicts = List.copyOf(verdicts);
    }

    /// The page, sorted by component and case.
    public String markdown() {
        SortedMap<String, List<Verdict>> components = components();
        List<Verdict> all = components.values().stream().flatMap(List::stream).toList();
        StringBuilder page = new StringBuilder(INTRODUCTION.formatted(
                version, device, all.size(), components.size(), passed(all), all.size() - passed(all)));
        page.append("\n| component | cases | pass | fail | time |\n| --- | ---: | ---: | ---: | ---: |\n");
        components.forEach((component, cases) -> page.append(summary(component, cases)));
        page.append(LEGEND);
        components.forEach((component, cases) -> page.append(table(component, cases)));
        return page.toString();
    }

    private SortedMap<String, List<Verdict>> components() {
        SortedMap<String, Verdict> byCase = new TreeMap<>();
        for (Verdict verdict : verdicts) {
            byCase.merge(verdict.golden().toString(), verdict, (first, other) -> first.passed() ? other : first);
        }
        return byCase.values().stream()
                .collect(groupingBy(verdict -> verdict.golden().component(), TreeMap::new, toList()));
    }

    private static String summary(String component, List<Verdict> cases) {
        Duration time = cases.stream().map(Verdict::duration).reduce(Duration.ZERO, Duration::plus);
        return "| [%s](#%s) | %d | %d | %d | %s |\n"
                .formatted(component, component, cases.size(), passed(cases), cases.size() - passed(cases), time(time));
    }

    private static String table(String component, List<Verdict> cases) {
        StringBuilder table = new StringBuilder("\n## %s\n\n".formatted(component))
                .append(
                        "| case | verdict | absolute | relative | atol + rtol | used | tensor | time | what | remark |\n")
                .append("| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | --- | --- |\n");
        cases.forEach(verdict -> table.append(row(verdict)));
        return table.toString();
    }

    private static String row(Verdict verdict) {
        CaseHeader golden = verdict.golden();
        List<String> cells = List.of(
                "`" + golden.name() + "`",
                verdict.word(),
                number(verdict.absoluteDifference()),
                number(verdict.relativeDifference()),
                number(golden.absoluteTolerance()) + " + " + number(golden.relativeTolerance()),
                share(verdict.toleranceUsed()),
                "`" + verdict.tensor() + "`",
                time(verdict.duration()),
                text(firstSentence(golden.description())),
                text(verdict.remark()));
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private static long passed(List<Verdict> cases) {
        return cases.stream().filter(Verdict::passed).count();
    }

    private static String number(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
    }

    private static String share(double value) {
        return Double.isFinite(value) ? "%d %%".formatted((long) Math.ceil(100 * value)) : "-";
    }

    private static String time(Duration duration) {
        if (duration.compareTo(SHORTEST) <= 0) {
            return "0.1 s";
        }
        double seconds = duration.toMillis() / 1000.0;
        double decade = Math.pow(10, Math.floor(Math.log10(seconds)));
        double leading = seconds / decade;
        double rounded = decade * (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10);
        return String.format(Locale.ROOT, rounded < 1 ? "%.1f s" : "%.0f s", rounded);
    }

    private static String firstSentence(String description) {
        Matcher sentence = SENTENCE.matcher(description);
        String first = sentence.find() ? sentence.group(1) : description.strip();
        if (first.length() <= LONGEST_DESCRIPTION) {
            return first;
        }
        return first.substring(0, first.lastIndexOf(' ', LONGEST_DESCRIPTION)) + " …";
    }

    /// Plain text in a cell of a table; of files only the names.
    private static String text(String plain) {
        String line = FOLDERS.matcher(plain.replaceAll("\\s+", " ")).replaceAll("…/");
        return MARKUP.matcher(line).replaceAll("\\\\$0");
    }
}
