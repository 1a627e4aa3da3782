package io.zoetrope.chaos;

import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.artifact.FolderStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

/// A folder that workers reach through a link. An outage bends the link, atomically: the folder is gone, as when a
/// network drive is, or a file is in its place.
final class FaultyFolder implements FaultyStore {

    private final Path link;
    private final Path folder;
    private final Path file;

    private FaultyFolder(Path link, Path folder, Path file) {
        this.link = link;
        this.folder = folder;
        this.file = file;
    }

    static FaultyFolder create(Path parent) throws IOException {
        Path folder = Files.createDirectories(parent.resolve("store-folder"));
        Path file = Files.write(parent.resolve("store-file"), new byte[0]);
        FaultyFolder store = new FaultyFolder(parent.resolve("store"), folder, file);
        store.bend(folder);
        return store;
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("zoetrope.artifacts.folder.path", link.toString());
    }

    @Override
    public Map<String, String> environment() {
        return Map.of();
    }

    @Override
    public String fail(double choice, Duration length) throws InterruptedException {
        boolean gone = choice < 0.5;
        try {
            bend(gone ? folder.resolveSibling("nowhere") : file);
            Thread.sleep(length);
        } finally {
            bend(folder);
        }
        return gone ? "folder gone" : "file in its place";
    }

    @Override
    public ArtifactStore open() {
        return FolderStore.open(folder);
    }

    @Override
    public long abandoned() {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(path -> path.getFileName().toString().startsWith("."))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        // what lies in it is kept for whoever looks into a failure
    }

    private void bend(Path target) {
        try {
            Path next = link.resolveSibling("store-next");
            Files.createSymbolicLink(next, target);
            Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot bend " + link, e);
        }
    }
}
