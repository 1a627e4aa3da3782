package io.zoetrope.engine.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.zoetrope.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// How to talk with a text model, from the small files beside its tokenizer and its weights. All of them may be
/// absent.
///
/// @param template of a conversation
/// @param ends     tokens that end the model's words
/// @param likely   tokens that may be drawn
record ChatConfig(ChatTemplate template, Set<Long> ends, TokenChoice.Likely likely) {

    private static final ObjectMapper JSON = new ObjectMapper();

    ChatConfig {
        ends = Set.copyOf(ends);
    }

    /// What the tokenizer alone tells.
    static ChatConfig of(Tokenizer tokenizer) {
        return read(List.of(), tokenizer);
    }

    /// @throws CheckpointException if one of the files is damaged
    static ChatConfig read(GemmaFolder folder, Tokenizer tokenizer) {
        return read(
                Stream.of(folder.tokenizer(), folder.weights().getFirst())
                        .map(Path::getParent)
                        .distinct()
                        .toList(),
                tokenizer);
    }

    private static ChatConfig read(List<Path> folders, Tokenizer tokenizer) {
        JsonNode tokens = json(folders, "tokenizer_config.json");
        JsonNode generation = json(folders, "generation_config.json");
        return new ChatConfig(
                template(templateText(folders, tokens), tokenizer),
                ends(tokens, generation, json(folders, "config.json"), tokenizer),
                likely(generation));
    }

    /// Templates are programs. Of the published one, and of those that give each role a turn, the form is known
    /// and made here; they differ in whether they mention the role `system`.
    private static ChatTemplate template(Optional<String> text, Tokenizer tokenizer) {
        boolean hasTurns = Stream.of(ChatTemplate.TURN_START, ChatTemplate.TURN_END)
                .allMatch(marker -> tokenizer.id(marker).isPresent()
                        && text.map(it -> it.contains(marker)).orElse(true));
        if (!hasTurns) {
            return ChatTemplate.PARAGRAPHS;
        }
        return text.map(it -> it.contains("system")).orElse(true)
                ? ChatTemplate.INSTRUCTION_IN_USER_TURN
                : ChatTemplate.INSTRUCTION_TURN;
    }

    /// Newer folders have a file of its own, older ones a field; which may list several, the usual one first.
    private static Optional<String> templateText(List<Path> folders, JsonNode tokens) {
        return text(folders, "chat_template.jinja")
                .or(() -> Stream.of(tokens, json(folders, "chat_template.json"))
                        .map(file -> file.path("chat_template"))
                        .map(field -> field.isArray() ? field.path(0).path("template") : field)
                        .filter(JsonNode::isTextual)
                        .map(JsonNode::textValue)
                        .findFirst());
    }

    private static Set<Long> ends(JsonNode tokens, JsonNode generation, JsonNode model, Tokenizer tokenizer) {
        Set<Long> ends = new HashSet<>();
        for (JsonNode field : List.of(
                generation.path("eos_token_id"),
                model.path("eos_token_id"),
                model.path("text_config").path("eos_token_id"))) {
            (field.isArray() ? field.valueStream() : Stream.of(field))
                    .filter(JsonNode::isIntegralNumber)
                    .forEach(id -> ends.add(id.longValue()));
        }
        JsonNode end = tokens.path("eos_token");
        Stream.of(end.path("content").asText(end.asText("")), ChatTemplate.TURN_END)
                .filter(name -> !name.isEmpty())
                .forEach(name -> tokenizer.id(name).ifPresent(ends::add));
        return ends;
    }

    private static TokenChoice.Likely likely(JsonNode generation) {
        int count = generation.path("top_k").asInt(0);
        double probability = generation.path("top_p").asDouble(1);
        try {
            return new TokenChoice.Likely(count > 0 ? count : Integer.MAX_VALUE, probability);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("generation_config.json of the text model", e.getMessage(), e);
        }
    }

    private static JsonNode json(List<Path> folders, String name) {
        return file(folders, name)
                .map(file -> {
                    try {
                        return JSON.readTree(text(file));
                    } catch (JsonProcessingException e) {
                        throw new CheckpointException(file.toString(), "is not JSON: " + e.getOriginalMessage(), e);
                    }
                })
                .orElse(MissingNode.getInstance());
    }

    private static Optional<String> text(List<Path> folders, String name) {
        return file(folders, name).map(ChatConfig::text);
    }

    private static Optional<Path> file(List<Path> folders, String name) {
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new CheckpointException(file.toString(), "cannot be read: " + e, e);
        }
    }
}
