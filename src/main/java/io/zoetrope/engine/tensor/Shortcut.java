package io.zoetrope.engine.tensor;

import java.util.Locale;
import java.util.function.Supplier;

/// A faster way of doing something that a device or a build may lack. Where it fails it is given up for
/// good, with one line in the log that says why, and the plain way is gone from then on.
public final class Shortcut {

    private static final System.Logger LOG = System.getLogger(Shortcut.class.getName());

    private final String name;
    private final String instead;
    private volatile boolean open = true;

    /// @param name    what is tried
    /// @param instead what is done where it fails
    public Shortcut(String name, String instead) {
        this.name = name;
        this.instead = instead;
    }

    /// Whether it has not failed yet.
    public boolean isOpen() {
        return open;
    }

    /// Takes the shortcut as long as it does not fail.
    ///
    /// @throws RuntimeException that memory ran out: that tells nothing about the shortcut
    public <T> T orElse(Supplier<T> shortcut, Supplier<T> plain) {
        if (open) {
            try {
                return shortcut.get();
            } catch (RuntimeException | LinkageError e) { // of a library that is not there
                close(e);
            }
        }
        return plain.get();
    }

    /// Gives the shortcut up.
    ///
    /// @throws RuntimeException `reason` itself if it is that memory ran out
    public void close(Throwable reason) {
        if (reason instanceof RuntimeException exception && isMemory(exception)) {
            throw exception;
        }
        synchronized (this) {
            if (open) {
                open = false;
                LOG.log(System.Logger.Level.WARNING, "no {0}, {1} instead: {2}", name, instead, firstLine(reason));
            }
        }
    }

    private static boolean isMemory(RuntimeException failure) {
        return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("out of memory");
    }

    private static String firstLine(Throwable reason) {
        return root(reason).toString().lines().findFirst().orElse("");
    }

    /// Where a failure began.
    static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
