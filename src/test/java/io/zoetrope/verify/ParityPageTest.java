package io.zoetrope.verify;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `docs/parity.md` says what is so; if not, write it anew: docs/contributing.md tells how.
class ParityPageTest {

    private static final Path PAGE = Path.of("docs/parity.md");

    private static final Pattern HEADING_OR_CASE = Pattern.compile(
            "^## (?<component>\\S+)$|^\\| `(?<case>[^`]+)` \\| (?<verdict>\\w+) \\|", Pattern.MULTILINE);
    private static final Pattern TOTAL =
            Pattern.compile("(\\d+) cases of (\\d+) components: (\\d+) pass, (\\d+) fail\\.");
    private static final Pattern COUNTS = Pattern.compile(
            "^\\| \\[(\\S+)]\\(#\\1\\) \\| (?<cases>\\d+) \\| (?<pass>\\d+) \\| (?<fail>\\d+) \\|", Pattern.MULTILINE);

    static List<Path> keptCases() {
        return GoldenFiles.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("keptCases")
    void theVerdictOfAKeptCaseIsTheOneOnThePage(Path golden) throws IOException {
        Verdict verdict = GoldenFiles.verify(golden);
        assertEquals(
                verdict.word(),
                verdicts(Files.readString(PAGE)).get(verdict.golden().toString()),
                () -> PAGE + " does not tell " + verdict.line());
    }

    @Test
    void everyComponentThatHasACheckIsOnThePageAndNoOther() throws IOException {
        var onPage = verdicts(Files.readString(PAGE)).keySet().stream()
                .map(ParityPageTest::component)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(GoldenChecks.components(), onPage);
    }

    @Test
    void nothingOnThePageFails() throws IOException {
        var failed = new TreeMap<>(verdicts(Files.readString(PAGE)));
        failed.values().removeIf("PASS"::equals);
        assertTrue(failed.isEmpty(), failed::toString);
    }

    @Test
    void theCountsOnThePageAreThoseOfItsTables() throws IOException {
        assertCountsFit(Files.readString(PAGE));
    }

    @Test
    void aPageTellsEachCaseOnceSortedAndAFailureBeforeASuccess() {
        List<Verdict> verdicts = List.of(
                verdict("rope", "b", true, ""),
                verdict("rope", "a", false, "late"),
                verdict("mel", "c", true, ""),
                verdict("rope", "a", true, ""),
                verdict("rope", "b", true, ""));
        String page = new ParityPage("1.2", Device.CPU, verdicts).markdown();
        assertEquals(
                List.of("mel/c=PASS", "rope/a=FAIL", "rope/b=PASS"),
                cases(page).stream().map(Object::toString).toList());
        assertTrue(page.contains("Zoetrope 1.2 on `cpu`"), page);
        assertTrue(page.contains("3 cases of 2 components: 2 pass, 1 fail."), page);
        assertTrue(page.contains("| [rope](#rope) | 2 | 1 | 1 | 1 s |"), page);
        assertCountsFit(page);
        assertEquals(page, new ParityPage("1.2", Device.CPU, verdicts.reversed()).markdown());
    }

    @Test
    void aRowTellsDifferencesToleranceShareTensorAndTime() {
        Verdict verdict = new Verdict(
                new CaseHeader("rope", "small", "Version 2.0 of weight.* | all. More.", 2e-5, 0),
                true,
                1.26e-6,
                0,
                0.0631,
                "cosine",
                "a_b `c`",
                Duration.ofMillis(2300));
        String page = new ParityPage("1", Device.CPU, List.of(verdict)).markdown();
        String row = "| `small` | PASS | 1.3e-06 | 0 | 2.0e-05 + 0 | 7 % | `cosine` | 5 s"
                + " | Version 2.0 of weight.\\* \\| all | a_b \\`c\\` |";
        assertTrue(page.lines().anyMatch(row::equals), page);
    }

    @Test
    void aPageDoesNotTellWhereTheCasesLay() {
        Verdict verdict = new Verdict(
                new CaseHeader("rope", "small", "x", 1, 1),
                false,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                "-",
                "/home/someone/golden/tiny/a.safetensors: a/b is 1/2, see '/srv/x/y.json'",
                Duration.ZERO);
        String page = new ParityPage("1", Device.CPU, List.of(verdict)).markdown();
        String row = "| `small` | FAIL | - | - | 1.0e+00 + 1.0e+00 | - | `-` | 0.1 s"
                + " | x | …/a.safetensors: a/b is 1/2, see '…/y.json' |";
        assertTrue(page.lines().anyMatch(row::equals), page);
    }

    private static Verdict verdict(String component, String name, boolean passed, String remark) {
        var golden = new CaseHeader(component, name, "", 1, 1);
        return new Verdict(golden, passed, 0, 0, 0, "x", remark, Duration.ofMillis(450));
    }

    private static void assertCountsFit(String page) {
        Map<String, List<String>> rows = cases(page).stream()
                .collect(Collectors.groupingBy(
                        entry -> component(entry.getKey()),
                        TreeMap::new,
                        Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
        Map<String, List<Long>> counts = COUNTS.matcher(page)
                .results()
                .collect(Collectors.toMap(match -> match.group(1), ParityPageTest::counts, (a, _) -> a, TreeMap::new));
        Map<String, List<Long>> counted = new TreeMap<>();
        rows.forEach((component, verdicts) -> counted.put(component, counted(verdicts)));
        List<Long> total = counted(verdicts(page).values());
        MatchResult told = TOTAL.matcher(page).results().findFirst().orElseThrow();
        assertAll(
                () -> assertEquals(counted, counts),
                () -> assertEquals(
                        List.of(total.get(0), (long) counted.size(), total.get(1), total.get(2)),
                        List.of(
                                Long.valueOf(told.group(1)),
                                Long.valueOf(told.group(2)),
                                Long.valueOf(told.group(3)),
                                Long.valueOf(told.group(4)))));
    }

    private static List<Long> counts(MatchResult match) {
        return List.of(
                Long.valueOf(match.group("cases")),
                Long.valueOf(match.group("pass")),
                Long.valueOf(match.group("fail")));
    }

    private static List<Long> counted(Collection<String> verdicts) {
        long passed = verdicts.stream().filter("PASS"::equals).count();
        return List.of((long) verdicts.size(), passed, verdicts.size() - passed);
    }

    /// PASS or FAIL of each `component/case` on a page, each of which stands there once.
    private static SortedMap<String, String> verdicts(String page) {
        SortedMap<String, String> verdicts = new TreeMap<>();
        cases(page)
                .forEach(entry -> assertFalse(
                        verdicts.put(entry.getKey(), entry.getValue()) != null,
                        () -> entry + " stands on the page twice"));
        return verdicts;
    }

    private static List<Map.Entry<String, String>> cases(String page) {
        List<Map.Entry<String, String>> cases = new ArrayList<>();
        String component = null;
        for (MatchResult match : HEADING_OR_CASE.matcher(page).results().toList()) {
            if (match.group("component") != null) {
                component = match.group("component");
            } else {
                cases.add(Map.entry(component + "/" + match.group("case"), match.group("verdict")));
            }
        }
        return cases;
    }

    private static String component(String name) {
        return name.substring(0, name.indexOf('/'));
    }
}
