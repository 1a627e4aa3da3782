package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zoetrope.audit.FailureCode;
import io.zoetrope.request.BadRequests;
import io.zoetrope.request.ProblemCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The closed lists of codes, and the page that explains them.
class ErrorCodesTest {

    private static final Pattern ROW = Pattern.compile("^\\| `([a-z-]+)` \\|", Pattern.MULTILINE);

    @Test
    void thePageExplainsEveryCodeAndNoOther() throws IOException {
        Set<String> listed = new TreeSet<>(ProblemCodes.ALL);
        for (FailureCode code : FailureCode.values()) {
            listed.add(code.code());
        }
        assertEquals(listed, new TreeSet<>(matches(ROW, Files.readString(Path.of("docs/errors.md")))));
    }

    @Test
    void everyKnownMistakeHasACodeOfTheList() {
        Set<String> unknown = BadRequests.all()
                .map(BadRequests.Case::code)
                .filter(code -> !ProblemCodes.ALL.contains(code))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), unknown);
    }

    private static List<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
