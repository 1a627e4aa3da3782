package io.zoetrope.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/// The door of every request: bytes in, a request and all problems out. Whether a model can serve it, the planner
/// knows.
public final class RequestReader {

    public static final int MOST_BYTES = 256 * 1024;

    private RequestReader() {}

    /// Reads a request. Never throws for what `json` contains.
    public static ParsedRequest read(byte[] json) {
        StrictJson.Checked checked = StrictJson.read(json, MOST_BYTES, RequestFields.REQUEST);
        ObjectNode valid = checked.valid();
        List<Problem> problems = new ArrayList<>(checked.problems());
        refuseTwoLengths(valid, problems);
        refuseEmptyIntervals(valid, problems);
        return new ParsedRequest(CanonicalJson.read(valid, GenerationRequest.class), problems);
    }

    private static void refuseTwoLengths(ObjectNode valid, List<Problem> problems) {
        if (valid.has("frames") && valid.has("seconds")) {
            String both = "%s with frames %s".formatted(valid.get("seconds"), valid.get("frames"));
            problems.add(new Problem("seconds", "conflict", both, "frames or seconds, not both", null));
            valid.remove(List.of("frames", "seconds"));
        }
    }

    private static void refuseEmptyIntervals(ObjectNode valid, List<Problem> problems) {
        if (!(valid.get("conditions") instanceof ArrayNode conditions)) {
            return;
        }
        EntryPlaces places = EntryPlaces.of("conditions", problems);
        for (int index = conditions.size() - 1; index >= 0; index--) {
            JsonNode start = conditions.get(index).get("start");
            JsonNode end = conditions.get(index).get("end");
            if (end != null && end.doubleValue() <= (start == null ? 0 : start.doubleValue())) {
                problems.add(new Problem(
                        places.path(index) + ".end", "conflict", end.asText(), "an end after the start", null));
                conditions.remove(index);
            }
        }
    }
}
