package io.zoetrope.engine.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Rewrites a short prompt into a detailed one, with the text model that encodes prompts. Does not change what the
/// encoder makes of a prompt, and shares its weights.
///
///     instruction, prompt ─ template ─ ids ─ text model, token by token ─ text ─ clean up ─ prompt
///
/// Formulas: docs/model/text-encoder.md, section 13.
public final class PromptEnhancer {

    /// New tokens of the reference at most.
    public static final int TOKENS = 512;

    /// What the prompt is for.
    public enum Purpose {
        TEXT_TO_VIDEO("enhance-text-to-video.txt"),
        /// The clip goes on from a picture, which the text model does not see.
        IMAGE_TO_VIDEO("enhance-image-to-video.txt");

        private final String instruction;

        Purpose(String instruction) {
            this.instruction = instruction;
        }

        private String instruction() {
            try (InputStream resource = PromptEnhancer.class.getResourceAsStream(instruction)) {
                return Whitespace.strip(new String(resource.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// @param prompt   to be rewritten
    /// @param pictures that the text model is to see; none can be shown to it
    /// @param tokens   to be written at most, 1 to 512
    public record Task(String prompt, Purpose purpose, int pictures, Decoding decoding, int tokens) {

        public Task {
            if (pictures < 0) {
                throw new IllegalArgumentException("pictures %d, expected at least 0".formatted(pictures));
            }
            if (tokens < 1 || tokens > TOKENS) {
                throw new IllegalArgumentException("tokens %d, expected 1 to %d".formatted(tokens, TOKENS));
            }
        }

        /// Without pictures, as many tokens as the model likes.
        public static Task of(String prompt, Purpose purpose, Decoding decoding) {
            return new Task(prompt, purpose, 0, decoding, TOKENS);
        }
    }

    private final GemmaModel model;
    private final Tokenizer tokenizer;
    private final ChatConfig chat;
    private final boolean visionTower;

    private PromptEnhancer(GemmaModel model, Tokenizer tokenizer, ChatConfig chat, boolean visionTower) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.chat = chat;
        this.visionTower = visionTower;
    }

    /// @param visionTower whether the text model's files hold one
    static PromptEnhancer of(GemmaModel model, Tokenizer tokenizer, ChatConfig chat, boolean visionTower) {
        return new PromptEnhancer(model, tokenizer, chat, visionTower);
    }

    /// Rewrites a prompt. What the model writes is used whole or not at all.
    ///
    /// @param listener may end it after every token
    /// @throws IllegalArgumentException if the prompt is longer than the encoder allows, or pictures are to be seen
    /// @throws TokenListener.StoppedException if the listener ended it
    public Enhancement enhance(Task task, TokenListener listener) {
        if (task.pictures() > 0) {
            throw new IllegalArgumentException(whyNoPictures());
        }
        requireEncodable(task.prompt());
        long[] ids = conversation(task);
        model.requireKnown(ids);
        TokenChoice choice = TokenChoice.of(task.decoding(), chat.likely());
        TextWriter.Text text = new TextWriter(model, chat.ends()).write(ids, choice, task.tokens(), listener);
        Enhancement.Account account =
                new Enhancement.Account(ids.length, text.ids().length, !text.ended(), task.decoding(), chat.template());
        return judge(task.prompt(), tokenizer.decode(text.ids()), account);
    }

    /// Why pictures cannot be shown to the text model.
    public String whyNoPictures() {
        return visionTower
                ? "vision tower present, but pictures for prompt enhancement are not supported by this version"
                : "the text model has no vision tower, so it cannot see pictures";
    }

    /// Bytes of keys and values that [#enhance] keeps for a task, besides the weights.
    public long cacheBytes(Task task) {
        int prompt = conversation(task).length;
        return cacheBytes(prompt + TextWriter.padding(prompt) + task.tokens());
    }

    /// Bytes of keys and values of a conversation of `tokens` tokens, all that is read and written counted.
    public long cacheBytes(long tokens) {
        return model.cacheBytes(tokens);
    }

    /// Tokens of the longest conversation there can be: for the greatest memory that [#cacheBytes] may tell.
    public int longestConversation() {
        int longest = 0;
        for (Purpose purpose : Purpose.values()) {
            longest = Math.max(longest, conversation(Task.of("", purpose, Decoding.greedy())).length);
        }
        int prompt = longest + TextEncoder.SLOTS;
        return prompt + TextWriter.padding(prompt) + TOKENS;
    }

    private void requireEncodable(String prompt) {
        int tokens = tokenizer.count(prompt);
        if (tokens > TextEncoder.SLOTS) {
            throw new IllegalArgumentException(
                    "prompt of %d tokens, expected at most %d".formatted(tokens, TextEncoder.SLOTS));
        }
    }

    private long[] conversation(Task task) {
        String user = "user prompt: " + Whitespace.strip(task.prompt());
        long[] text =
                tokenizer.encodeExactly(chat.template().render(task.purpose().instruction(), user));
        long[] ids = new long[text.length + 1];
        ids[0] = Tokenizer.BEGIN;
        System.arraycopy(text, 0, ids, 1, text.length);
        return ids;
    }

    /// Whether what was written can be encoded once it is cleaned.
    Enhancement judge(String original, String written, Enhancement.Account account) {
        String prompt = PromptCleanUp.clean(written);
        if (prompt.isEmpty()) {
            return new Enhancement.Kept(original, "the text model wrote no word", account);
        }
        int tokens = tokenizer.count(prompt);
        if (tokens > TextEncoder.SLOTS) {
            return new Enhancement.Kept(
                    original,
                    "the rewritten prompt has %d tokens, expected at most %d".formatted(tokens, TextEncoder.SLOTS),
                    account);
        }
        return new Enhancement.Enhanced(prompt, account);
    }
}
