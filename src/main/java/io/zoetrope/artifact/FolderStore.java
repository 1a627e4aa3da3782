package io.zoetrope.artifact;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.zoetrope.artifact.ArtifactException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/// Artifacts in a folder, of this machine or shared between machines. The file system must know hard links and
/// atomic renames.
///
/// Everything is written to a hidden file beside its destination first and, unless it is passing, forced to disk; a
/// rename makes it visible, or, where only the first writer may win, a hard link, which fails if the name is taken.
/// Waiting is done on threads of the store's own: files block whoever waits for them, and would block a virtual
/// thread's carrier.
public final class FolderStore implements ArtifactStore {

    private final Path root;
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().name("artifacts-", 0).daemon().factory());

    private FolderStore(Path root) {
        this.root = root;
    }

    /// Opens the folder, and makes it if it is not there.
    ///
    /// @throws ArtifactException if the folder cannot be used
    public static FolderStore open(Path folder) {
        FolderStore store = new FolderStore(folder.toAbsolutePath().normalize());
        store.requireUsable();
        return store;
    }

    @Override
    public Uni<Artifact> write(ArtifactKey key, byte[] content) {
        return run("write " + key, content.length, () -> {
            try (InputStream source = new ByteArrayInputStream(content)) {
                return replace(key, source);
            }
        });
    }

    @Override
    public Uni<Artifact> writePassing(ArtifactKey key, byte[] content) {
        return run("write " + key, content.length, () -> {
            try (Draft draft = Draft.passing(pathOf(key), content)) {
                return publish(key, draft);
            }
        });
    }

    @Override
    public Uni<Void> writeUndigested(ArtifactKey key, List<ByteBuffer> content) {
        long bytes = content.stream().mapToLong(ByteBuffer::remaining).sum();
        return run("write " + key, bytes, () -> {
            try (Draft draft = Draft.writeUndigested(pathOf(key), content)) {
                draft.publish();
                return null;
            }
        });
    }

    @Override
    public Uni<Artifact> write(ArtifactKey key, Path file) {
        return Uni.createFrom()
                .item(() -> LocalFile.of(file))
                .runSubscriptionOn(threads)
                .chain(local -> run("write " + key, local.bytes(), () -> {
                    try (InputStream source = local.open()) {
                        return replace(key, source);
                    }
                }));
    }

    @Override
    public Uni<Boolean> writeIfAbsent(ArtifactKey key, byte[] content) {
        return run("write " + key, content.length, () -> publishFirst(key, new ByteArrayInputStream(content)));
    }

    @Override
    public Uni<Boolean> writeIfAbsent(ArtifactKey key, Path file) {
        return Uni.createFrom()
                .item(() -> LocalFile.of(file))
                .runSubscriptionOn(threads)
                .chain(local -> run("write " + key, local.bytes(), () -> {
                    try (InputStream source = local.open()) {
                        return publishFirst(key, source);
                    }
                }));
    }

    @Override
    public Uni<byte[]> read(ArtifactKey key) {
        return run("read " + key, 0, () -> Files.readAllBytes(pathOf(key)));
    }

    @Override
    public Uni<ArtifactContent> open(ArtifactKey key, long offset, long length) {
        ArtifactContent.requireRange(key, offset, length);
        return run("read " + key, 0, () -> {
            FileChannel channel = FileChannel.open(pathOf(key), StandardOpenOption.READ);
            try {
                long total = channel.size();
                long present = Math.clamp(total - offset, 0, length);
                channel.position(Math.min(offset, total));
                InputStream part = new LimitedInputStream(Channels.newInputStream(channel), present);
                return new ArtifactContent(part, offset, present, total);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        });
    }

    @Override
    public Uni<OptionalLong> size(ArtifactKey key) {
        return run("look up " + key, 0, () -> {
            OptionalLong size = sizeOf(pathOf(key));
            if (size.isEmpty()) {
                requireThere();
                return sizeOf(pathOf(key)); // the folder may have come back in between
            }
            return size;
        });
    }

    @Override
    public Uni<Boolean> delete(ArtifactKey key) {
        return run("delete " + key, 0, () -> {
            if (Files.deleteIfExists(pathOf(key))) {
                return true;
            }
            requireThere();
            return Files.deleteIfExists(pathOf(key));
        });
    }

    @Override
    public Multi<ArtifactKey> list(String prefix) {
        return run("list " + prefix, 0, () -> {
                    requireThere();
                    List<ArtifactKey> found = keys(prefix);
                    requireThere();
                    return found;
                })
                .onItem()
                .transformToMulti(Multi.createFrom()::iterable);
    }

    @Override
    public Uni<Void> check() {
        return Uni.createFrom()
                .item(this::requireUsable)
                .runSubscriptionOn(threads)
                .replaceWithVoid();
    }

    @Override
    public void close() {
        threads.close();
    }

    /// Removes what writers that died have left behind, provided that it is older than any write can take.
    ///
    /// @return how many files were removed
    public Uni<Integer> removeAbandoned(Duration age) {
        return run("tidy up", 0, () -> {
            Instant youngest = Instant.now().minus(age);
            int removed = 0;
            for (Path draft : drafts()) {
                if (Files.getLastModifiedTime(draft).toInstant().isBefore(youngest) && Files.deleteIfExists(draft)) {
                    removed++;
                }
            }
            return removed;
        });
    }

    /// Where a key's file is, for a server that sends files by itself.
    public Path pathOf(ArtifactKey key) {
        return root.resolve(key.value());
    }

    private boolean publishFirst(ArtifactKey key, InputStream source) throws IOException {
        if (Files.exists(pathOf(key))) {
            return false; // the usual loser need not write anything
        }
        try (Draft draft = Draft.writeUndigested(pathOf(key), source)) {
            return draft.publishFirst();
        }
    }

    private Artifact replace(ArtifactKey key, InputStream source) throws IOException {
        try (Draft draft = Draft.write(pathOf(key), source)) {
            return publish(key, draft);
        }
    }

    private static Artifact publish(ArtifactKey key, Draft draft) throws IOException {
        draft.publish();
        return Artifact.of(key, draft.bytes(), draft.sha256());
    }

    private List<ArtifactKey> keys(String prefix) throws IOException {
        Path begin =
                root.resolve(prefix.substring(0, prefix.lastIndexOf('/') + 1)).normalize();
        if (!begin.startsWith(root) || !Files.isDirectory(begin)) {
            return List.of();
        }
        List<ArtifactKey> found = new ArrayList<>();
        eachFile(begin, file -> {
            String name = root.relativize(file).toString();
            if (name.startsWith(prefix) && ArtifactKey.isValid(name)) {
                found.add(new ArtifactKey(name));
            }
        });
        found.sort(Comparator.comparing(ArtifactKey::value));
        return found;
    }

    private List<Path> drafts() throws IOException {
        List<Path> found = new ArrayList<>();
        eachFile(root, file -> {
            String name = file.getFileName().toString();
            if (name.startsWith(Draft.PREFIX) && name.endsWith(Draft.SUFFIX)) {
                found.add(file);
            }
        });
        return found;
    }

    private static void eachFile(Path begin, Consumer<Path> action) throws IOException {
        Files.walkFileTree(begin, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                action.accept(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException fault) throws IOException {
                if (fault instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // published or removed since it was seen
                }
                throw fault;
            }
        });
    }

    private static OptionalLong sizeOf(Path file) throws IOException {
        try {
            return OptionalLong.of(Files.size(file));
        } catch (NoSuchFileException _) {
            return OptionalLong.empty();
        }
    }

    /// A folder that is away for a while, as a network drive may be, is not an empty one.
    private void requireThere() throws IOException {
        if (!Files.isDirectory(root)) {
            throw new NoSuchFileException(root.toString());
        }
    }

    /// Writes, links and removes a file, since only that proves that the folder will do.
    private Path requireUsable() {
        Path probe = root.resolve(Draft.PREFIX + "probe-" + UUID.randomUUID() + Draft.SUFFIX);
        Path second = probe.resolveSibling(probe.getFileName() + "-link");
        try {
            Files.createDirectories(root);
            try {
                Files.createFile(probe);
                Files.createLink(second, probe);
                return root;
            } finally {
                Files.deleteIfExists(second);
                Files.deleteIfExists(probe);
            }
        } catch (UnsupportedOperationException e) {
            throw new ArtifactException(
                    Kind.MISCONFIGURED, "the file system of folder %s knows no hard links".formatted(root), e);
        } catch (IOException e) {
            throw FolderFaults.of("use the artifact folder", root, 0, e);
        }
    }

    private <T> Uni<T> run(String what, long bytes, Work<T> work) {
        return Uni.createFrom()
                .item(() -> {
                    try {
                        return work.run();
                    } catch (IOException e) {
                        throw FolderFaults.of(what, root, bytes, e);
                    }
                })
                .runSubscriptionOn(threads);
    }

    private interface Work<T> {
        T run() throws IOException;
    }
}
