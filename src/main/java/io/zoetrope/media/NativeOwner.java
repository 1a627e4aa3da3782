package io.zoetrope.media;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/// Owns native objects of different kinds and releases them, the newest first.
final class NativeOwner implements AutoCloseable {

    private final Deque<Runnable> releases = new ArrayDeque<>();

    /// Takes `resource` over; `release` will be called with it once.
    <R> R own(R resource, Consumer<R> release) {
        releases.push(() -> release.accept(resource));
        return resource;
    }

    @Override
    public void close() {
        while (!releases.isEmpty()) {
            releases.pop().run();
        }
    }
}
