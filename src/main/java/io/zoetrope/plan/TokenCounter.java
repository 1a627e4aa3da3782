package io.zoetrope.plan;

/// Counts the tokens of a text as a model's tokenizer cuts it, without the begin marker.
@FunctionalInterface
public interface TokenCounter {

    int count(String text);
}
