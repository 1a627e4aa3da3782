package io.zoetrope.request;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/// Guesses which name was meant by one that is not known.
public final class NearestName {

    private static final int LONGEST = 64;

    private NearestName() {}

    /// The known name with the fewest letters to change, at most half of them; case and `-`, `_` do not count.
    public static Optional<String> of(String name, Collection<String> known) {
        if (name.length() > LONGEST) { // nobody misspells at such length, and the distance costs its square
            return Optional.empty();
        }
        String written = letters(name);
        int most = Math.max(1, written.length() / 2);
        LevenshteinDistance distance = new LevenshteinDistance(most); // -1 beyond
        return known.stream()
                .filter(candidate -> distance.apply(written, letters(candidate)) >= 0)
                .min(Comparator.comparingInt(candidate -> distance.apply(written, letters(candidate))));
    }

    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
    }
}
