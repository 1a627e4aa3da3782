package io.zoetrope.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.bench.EngineComparison.Figures;
import io.zoetrope.bench.EngineComparison.Result;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Figures become a table of ratios and lines that are kept.
class EngineReportTest {

    private static final Machine MACHINE = new Machine("abc1234", "a processor", 2, 1L << 34);

    @Test
    void ratiosAreOursOverTheirsAndTheLastColumnTakesEachSidesBetterThreads() {
        EngineReport report = new EngineReport(MACHINE);
        report.add(Workload.MIDDLE_FLOAT32, 1, "zoetrope", result(2, 3, 4));
        report.add(Workload.MIDDLE_FLOAT32, 1, "diffusers", result(4, 5, 5));
        report.add(Workload.MIDDLE_FLOAT32, 2, "zoetrope", result(3, 3, 3));
        report.add(Workload.MIDDLE_FLOAT32, 2, "diffusers", result(2.5, 4, 4));
        String row = report.table().stream()
                .filter(line -> line.startsWith("| middle-float32 pass"))
                .findFirst()
                .orElseThrow();
        assertEquals(
                "| middle-float32 pass | 7 | 2.0000 s | 4.0000 s | 0.50 (0.60) | 3.0000 s | 2.5000 s | 1.20 (0.75) | **0.80** |",
                row);
    }

    @Test
    void oneSideAloneHasNoRatios() {
        EngineReport report = new EngineReport(MACHINE);
        report.add(Workload.DEMO, 1, "zoetrope", result(2, 3, 4));
        assertEquals(
                List.of("| | operations | zoetrope, 1 thread |", "| --- | --- | --- |"),
                report.table().subList(2, 4));
        assertTrue(
                report.table().contains("| demo memory |  | 100 MiB |"),
                report.table().toString());
    }

    @Test
    void aLineSaysWhatWasMeasuredWhereAndFromWhichSources() throws IOException {
        EngineReport report = new EngineReport(MACHINE);
        report.add(Workload.DEMO, 2, "zoetrope", result(2, 3, 4));
        JsonNode line = new ObjectMapper().readTree(report.lines().getFirst());
        assertEquals("abc1234", line.path("commit").asText());
        assertEquals("demo", line.path("workload").asText());
        assertEquals(2, line.path("threads").asInt());
        assertEquals(3, line.at("/stages/pass/median").asDouble());
        assertEquals(100 << 20, line.path("peak_bytes").asInt());
    }

    private static Result result(double... seconds) {
        List<Double> runs = java.util.Arrays.stream(seconds).boxed().toList();
        return new Result(Map.of(Stage.PASS, new Figures(runs, 7)), 100 << 20, null);
    }
}
