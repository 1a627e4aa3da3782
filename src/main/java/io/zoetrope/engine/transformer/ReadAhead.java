package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.MappedPages;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Brings the weights of a block from the disk into memory while the block before it computes, so that a
/// transformer may be larger than the memory of its machine.
///
/// The first blocks, as many as have room, stay in memory; the others are read in every pass and let go
/// after it. If all have room, a pass only looks whether they are there. Blocks that are small are left to
/// the system.
///
/// For one thread at a time, like the transformer.
final class ReadAhead implements AutoCloseable {

    private static final long SMALLEST = 32L << 20;

    /// Of the machine's memory, for what computes and whoever else is there.
    private static final long RESERVE = 6L << 30;

    private final List<MappedPages> blocks;
    private final int staying;
    private final ExecutorService reader; // null if there is nothing worth reading

    private Future<?> reading;
    private int readBlock = -1;
    private int usedBlock = -1;

    private ReadAhead(List<MappedPages> blocks, int staying, ExecutorService reader) {
        this.blocks = blocks;
        this.staying = staying;
        this.reader = reader;
    }

    /// @param blocks the mapped weights of each block, in the order in which they compute
    static ReadAhead over(List<MappedPages> blocks) {
        return over(blocks, SMALLEST, Math.max(0, hostBytes() - RESERVE));
    }

    /// @param smallest bytes of a block that is worth reading ahead
    /// @param room     bytes of weights that may stay in memory
    static ReadAhead over(List<MappedPages> blocks, long smallest, long room) {
        long largest = blocks.stream().mapToLong(MappedPages::bytes).max().orElse(0);
        if (largest == 0 || largest < smallest) {
            return new ReadAhead(blocks, blocks.size(), null);
        }
        var factory = Thread.ofPlatform().name("read-ahead").daemon().factory();
        return new ReadAhead(blocks, staying(blocks, room), Executors.newSingleThreadExecutor(factory));
    }

    /// A block is about to compute: waits until its weights are in memory and begins to read those of the
    /// one after it, after the last one the first's.
    ///
    /// @throws IllegalStateException if the file cannot be read
    void at(int block) {
        if (reader == null) {
            return;
        }
        if (usedBlock >= staying && usedBlock != block) {
            reader.execute(blocks.get(usedBlock)::letGo);
        }
        usedBlock = block;
        if (readBlock != block) {
            read(block);
        }
        await();
        read((block + 1) % blocks.size());
    }

    /// Returns when nothing is read any more: the file may be unmapped then.
    @Override
    public void close() {
        if (reader != null) {
            reader.shutdownNow();
            reader.close();
        }
    }

    private void read(int block) {
        readBlock = block;
        reading = reader.submit(blocks.get(block)::load);
    }

    private void await() {
        try {
            reading.get();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // what is not there yet is read when it is touched
        } catch (ExecutionException e) {
            throw new IllegalStateException("weights of block %d cannot be read".formatted(readBlock), e.getCause());
        }
    }

    /// How many blocks from the first on have room together.
    private static int staying(List<MappedPages> blocks, long room) {
        int staying = 0;
        for (long bytes = 0; staying < blocks.size(); staying++) {
            bytes += blocks.get(staying).bytes();
            if (bytes > room) {
                break;
            }
        }
        return staying;
    }

    /// Memory of this machine, or its container's share.
    private static long hostBytes() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }
}
