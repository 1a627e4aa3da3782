package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Weights that lie in several files: `NAME-00001-of-00003.safetensors` and so on, with or without a list of which
/// tensor is where, `NAME.safetensors.index.json`.
public final class Shards {

    public static final String INDEX_ENDING = ".safetensors.index.json";

    private static final String ENDING = ".safetensors";
    private static final String MAP = "weight_map";
    private static final Pattern SHARD = Pattern.compile("(.*-)(\\d{1,6})(-of-)(\\d{1,6})(\\.safetensors)");
    private static final int MOST_SHARDS = 10_000;
    private static final int LISTED = 20;

    private Shards() {}

    /// The files of the weights called `name` in a folder: those of its list, or the one file, or all shards.
    ///
    /// @param problems collects what is missing or wrong
    static List<Path> of(Path folder, String name, List<String> problems) {
        Path index = folder.resolve(name + INDEX_ENDING);
        if (Files.isRegularFile(index)) {
            return listed(index, problems);
        }
        Path single = folder.resolve(name + ENDING);
        if (Files.isRegularFile(single)) {
            return List.of(single);
        }
        List<Path> shards = filesIn(folder).stream()
                .filter(file -> {
                    Matcher shard = SHARD.matcher(file.getFileName().toString());
                    return shard.matches() && shard.group(1).equals(name + "-");
                })
                .toList();
        if (shards.isEmpty()) {
            problems.add("has no %s%s".formatted(name, ENDING));
        }
        problems.addAll(absent(shards));
        return shards;
    }

    /// The safetensors files that lie directly in a folder, in alphabetical order.
    public static List<Path> filesIn(Path folder) {
        return in(folder, ENDING);
    }

    /// The lists of shards that lie directly in a folder.
    public static List<Path> indexesIn(Path folder) {
        return in(folder, INDEX_ENDING);
    }

    /// One problem for each shard that is absent though the others' names count it.
    public static List<String> absent(List<Path> files) {
        Set<String> found = new TreeSet<>();
        files.forEach(file -> found.add(file.getFileName().toString()));
        return found.stream()
                .map(SHARD::matcher)
                .filter(Matcher::matches)
                .flatMap(shard -> expected(shard))
                .distinct()
                .filter(expected -> !found.contains(expected))
                .limit(LISTED)
                .map("has no %s"::formatted)
                .toList();
    }

    /// The files that a list of shards names, all in its own folder, after each has been found to hold what the list
    /// says.
    ///
    /// @param problems collects what is missing or wrong
    public static List<Path> listed(Path index, List<String> problems) {
        JsonNode map = JsonFile.read(index).path(MAP);
        if (!map.isObject() || map.isEmpty()) {
            problems.add("%s has no %s".formatted(index.getFileName(), MAP));
            return List.of();
        }
        Map<String, Set<String>> tensors = new TreeMap<>();
        map.properties()
                .forEach(entry -> tensors.computeIfAbsent(entry.getValue().asText(), _ -> new TreeSet<>())
                        .add(entry.getKey()));
        List<Path> files = tensors.keySet().stream()
                .filter(name -> isThere(index, name, problems))
                .map(index::resolveSibling)
                .toList();
        if (files.size() == tensors.size()) {
            files.forEach(file ->
                    requireTensors(index, file, tensors.get(file.getFileName().toString()), problems));
        }
        return files;
    }

    /// A list comes from strangers: it may name files of its own folder and no others.
    private static boolean isThere(Path index, String name, List<String> problems) {
        boolean plain = name.endsWith(ENDING)
                && name.chars().noneMatch(letter -> letter == '/' || letter == '\\' || letter == 0);
        if (!plain) {
            problems.add("%s names '%s', expected a safetensors file of the same folder"
                    .formatted(index.getFileName(), name));
        } else if (!Files.isRegularFile(index.resolveSibling(name))) {
            problems.add("has no %s, which %s names".formatted(name, index.getFileName()));
        } else {
            return true;
        }
        return false;
    }

    private static void requireTensors(Path index, Path file, Set<String> expected, List<String> problems) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            List<String> absent = expected.stream()
                    .filter(name -> !opened.entries().containsKey(name))
                    .toList();
            if (!absent.isEmpty()) {
                problems.add("%s lacks %d tensors that %s says it has, %s the first"
                        .formatted(file.getFileName(), absent.size(), index.getFileName(), absent.getFirst()));
            }
        }
    }

    private static Stream<String> expected(Matcher shard) {
        int digits = shard.group(2).length();
        int count = Math.min(MOST_SHARDS, Integer.parseInt(shard.group(4)));
        return IntStream.rangeClosed(1, count)
                .mapToObj(index -> "%s%s%s%s%s"
                        .formatted(
                                shard.group(1),
                                ("%0" + digits + "d").formatted(index),
                                shard.group(3),
                                shard.group(4),
                                shard.group(5)));
    }

    private static List<Path> in(Path folder, String ending) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(ending))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new CheckpointException(folder.toString(), "cannot be read: " + e, e);
        }
    }
}
