package io.zoetrope.request;

import java.util.List;

/// What was read from a client's bytes: the fields that are right, and what is wrong with the others.
///
/// @param request  the valid part; complete if there are no problems
/// @param problems all of them, in the order of the contract's fields
public record ParsedRequest(GenerationRequest request, List<Problem> problems) {

    public ParsedRequest {
        problems = List.copyOf(problems);
    }

    /// Where the entries of an array stood.
    ///
    /// @param array its path, such as `conditions`
    public EntryPlaces places(String array) {
        return EntryPlaces.of(array, problems);
    }

    public boolean isValid() {
        return problems.isEmpty();
    }
}
