package io.zoetrope.engine.text;

/// What came of the rewriting of a prompt.
public sealed interface Enhancement {

    /// The prompt to be encoded.
    String prompt();

    Account account();

    /// How it was done; enough to do it again.
    ///
    /// @param tokensIn  that the text model read: instruction and prompt
    /// @param tokensOut that it wrote
    /// @param truncated whether it would have gone on at the greatest number of tokens
    /// @param decoding  how tokens were chosen, with the seed if by chance
    /// @param template  how the conversation was laid out; other than by turns if the tokenizer knows none
    record Account(int tokensIn, int tokensOut, boolean truncated, Decoding decoding, ChatTemplate template) {}

    /// @param prompt rewritten
    record Enhanced(String prompt, Account account) implements Enhancement {}

    /// What the model wrote was of no use.
    ///
    /// @param prompt as it was given
    /// @param reason why it is kept
    record Kept(String prompt, String reason, Account account) implements Enhancement {}
}
