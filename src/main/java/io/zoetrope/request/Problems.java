package io.zoetrope.request;

import java.util.ArrayList;
import java.util.List;

/// Collects problems, up to a number that still fits into one event; the rest is only counted.
final class Problems {

    private static final int MOST = 100;

    private final List<Problem> problems = new ArrayList<>();
    private int left;

    void add(String field, String code, String value, String allowed, String nearest) {
        if (isFull()) {
            addUnlisted();
        } else {
            problems.add(new Problem(field, code, value, allowed, nearest));
        }
    }

    /// Adds one of which nothing will be said but that it is there: there are too many.
    void addUnlisted() {
        left++;
    }

    /// Whether further ones are only counted.
    boolean isFull() {
        return problems.size() >= MOST;
    }

    /// All that were added, whether listed or only counted.
    int count() {
        return problems.size() + left;
    }

    boolean isEmpty() {
        return problems.isEmpty();
    }

    List<Problem> list() {
        List<Problem> all = new ArrayList<>(problems);
        if (left > 0) {
            all.add(new Problem(
                    "", "too-many-problems", null, "a request without these and %d more".formatted(left), null));
        }
        return all;
    }
}
