package io.zoetrope.engine.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The C library's heap, in which tensors of the CPU lie.
public final class NativeHeap {

    private static final System.Logger LOG = System.getLogger(NativeHeap.class.getName());

    /// `M_MMAP_THRESHOLD` of glibc.
    private static final int MAPPING_THRESHOLD = -3;

    private static final int LARGE_BLOCK = 4 << 20;
    private static final boolean LARGE_BLOCKS_RETURN = letLargeBlocksReturn();

    private NativeHeap() {}

    /// Lets blocks of 4 MiB and more go back to the operating system as soon as they are freed.
    ///
    /// Left alone, glibc learns from blocks that come and go to keep those of up to 32 MiB: a process that uses
    /// many of them holds some hundreds of megabytes that no tensor needs. Other C libraries are left as they are.
    ///
    /// @return whether the C library knows this setting
    public static boolean returnLargeBlocks() {
        return LARGE_BLOCKS_RETURN;
    }

    private static boolean letLargeBlocksReturn() {
        Linker linker = Linker.nativeLinker();
        var mallopt = linker.defaultLookup().find("mallopt");
        if (mallopt.isEmpty()) {
            return false;
        }
        MethodHandle set = linker.downcallHandle(
                mallopt.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            return (int) set.invokeExact(MAPPING_THRESHOLD, LARGE_BLOCK) == 1;
        } catch (Throwable e) { // what a method handle may throw is not known to the compiler
            LOG.log(System.Logger.Level.WARNING, "large blocks of memory are not returned", e);
            return false;
        }
    }
}
