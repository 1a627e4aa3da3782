package io.zoetrope.engine.checkpoint;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Parts of mapped files that are used together, and what the operating system is told about them.
///
/// Left alone, the system reads pages of a mapped file when they are touched, a few at a time, and drops
/// those that were used longest ago when it needs room. Who goes round and round through a file larger than
/// memory then finds every page gone when its turn comes.
///
/// Source: madvise(2) of Linux. Other systems are left as they are.
public final class MappedPages {

    private static final System.Logger LOG = System.getLogger(MappedPages.class.getName());

    /// `MADV_COLD`: goes first when room is needed. Linux 5.4 and later.
    private static final int COLD = 20;

    /// `MADV_PAGEOUT`: goes now. Linux 5.4 and later; ignored for files that this process may not write.
    private static final int PAGE_OUT = 21;

    /// `MADV_POPULATE_READ`: comes now, and as fast as the disk reads. Linux 5.14 and later.
    private static final int POPULATE_READ = 22;

    /// Advice is for whole pages.
    private static final long PAGE = 4096;

    private static final Optional<MethodHandle> MADVISE = madvise();

    private final List<MemorySegment> parts;

    /// @param parts of mapped files
    MappedPages(List<MemorySegment> parts) {
        this.parts = parts.stream()
                .sorted(Comparator.comparingLong(MemorySegment::address))
                .toList();
    }

    /// All tensors whose names begin with `prefix`, as far as they are mapped.
    public static MappedPages of(Checkpoint checkpoint, String prefix) {
        return new MappedPages(checkpoint.entries().keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .flatMap(name -> checkpoint.mapped(name).stream())
                .toList());
    }

    public long bytes() {
        return parts.stream().mapToLong(MemorySegment::byteSize).sum();
    }

    /// Brings into memory what is not there, and returns when all of it is; or between two parts if the
    /// thread is interrupted.
    ///
    /// @throws InternalError if the file cannot be read, or has been cut off since it was opened
    public void load() {
        for (MemorySegment part : parts) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            if (!advise(part, POPULATE_READ)) {
                part.load();
            }
        }
    }

    /// Tells the system that it may have the memory of what this process has touched. Using the parts again
    /// reads them again.
    public void letGo() {
        for (MemorySegment part : parts) {
            advise(part, COLD); // for what the next one may not touch
            advise(part, PAGE_OUT);
        }
    }

    /// @return whether the system knows this advice and could follow it
    private static boolean advise(MemorySegment part, int advice) {
        if (MADVISE.isEmpty() || part.byteSize() == 0) {
            return false;
        }
        long begin = part.address() / PAGE * PAGE;
        try {
            return (int) MADVISE.get()
                            .invokeExact(
                                    MemorySegment.ofAddress(begin), part.address() + part.byteSize() - begin, advice)
                    == 0;
        } catch (Throwable e) { // what a method handle may throw is not known to the compiler
            LOG.log(System.Logger.Level.WARNING, "the system cannot be told about mapped files", e);
            return false;
        }
    }

    private static Optional<MethodHandle> madvise() {
        if (!System.getProperty("os.name").equals("Linux")) { // the numbers mean other things elsewhere
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("madvise")
                .map(function -> linker.downcallHandle(
                        function,
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_INT)));
    }
}
