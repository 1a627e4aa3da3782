package io.zoetrope.request;

import java.util.Collection;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Where the entries of a request's array stood when it came: entries that were wrong are left out of the request,
/// and what is said about the others must still count as their author does.
///
/// @param array   path of the array, such as `conditions`
/// @param missing places of the entries that were left out, from 0
public record EntryPlaces(String array, Set<Integer> missing) {

    public EntryPlaces {
        missing = Set.copyOf(missing);
    }

    static EntryPlaces of(String array, Collection<Problem> problems) {
        Pattern place = Pattern.compile(Pattern.quote(array) + "\\[(\\d{1,6})].*", Pattern.DOTALL);
        return new EntryPlaces(
                array,
                problems.stream()
                        .map(problem -> place.matcher(problem.field()))
                        .filter(Matcher::matches)
                        .map(match -> Integer.valueOf(match.group(1)))
                        .collect(Collectors.toSet()));
    }

    /// The path of an entry, such as `conditions[2]`.
    ///
    /// @param index among the entries that are in the request
    public String path(int index) {
        int place = 0;
        for (int left = index; left > 0 || missing.contains(place); place++) {
            if (!missing.contains(place)) {
                left--;
            }
        }
        return "%s[%d]".formatted(array, place);
    }
}
