package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.HostMemory;
import io.zoetrope.engine.checkpoint.MappedPages;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;

/// Brings the weights of a block from the disk into memory while the block before it computes, so that a
/// transformer may be larger than the memory of its machine.
///
/// The first blocks, as many as have room, stay in memory; the others are read in every pass and let go
/// after it. If all have room, a pass only looks whether they are there. Blocks that are small are left to
/// the system.
///
/// For one thread at a time, like the transformer.
final class ReadAhead implements BlockSupply, AutoCloseable {

    private static final long SMALLEST = 32L << 20;

    /// Of the memory that there is for weights, what those have that come and go.
    private static final long RESERVE = 3L << 30;

    private final List<MappedPages> blocks;
    private final LongSupplier room;
    private final ExecutorService reader; // null if there is nothing worth reading

    private int staying; // asked for at the beginning of each pass: others use the memory too
    private Future<?> reading;
    private int readBlock = -1;
    private int usedBlock = -1;

    private ReadAhead(List<MappedPages> blocks, LongSupplier room, ExecutorService reader) {
        this.blocks = blocks;
        this.room = room;
        this.reader = reader;
    }

    /// @param blocks the mapped weights of each block, in the order in which they compute
    static ReadAhead over(List<MappedPages> blocks) {
        return over(blocks, SMALLEST, () -> HostMemory.forPages() - RESERVE);
    }

    /// @param smallest bytes of a block that is worth reading ahead
    /// @param room     bytes of weights that may stay in memory, asked for in every pass
    static ReadAhead over(List<MappedPages> blocks, long smallest, LongSupplier room) {
        long largest = blocks.stream().mapToLong(MappedPages::bytes).max().orElse(0);
        if (largest == 0 || largest < smallest) {
            return new ReadAhead(blocks, room, null);
        }
        var factory = Thread.ofPlatform().name("read-ahead").daemon().factory();
        return new ReadAhead(blocks, room, Executors.newSingleThreadExecutor(factory));
    }

    /// A block is about to compute: waits until its weights are in memory and begins to read those of the
    /// one after it, after the last one the first's.
    ///
    /// @throws IllegalStateException if the file cannot be read
    @Override
    public void begin(int block) {
        if (reader == null) {
            return;
        }
        if (block == 0) {
            staying = staying(room.getAsLong());
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

    @Override
    public void end(int block) {
        // the block is let go when the next one begins
    }

    /// Whether there is nothing worth reading ahead.
    boolean isIdle() {
        return reader == null;
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
    private int staying(long room) {
        long bytes = 0;
        for (int block = 0; block < blocks.size(); block++) {
            bytes += blocks.get(block).bytes();
            if (bytes > room) {
                return block;
            }
        }
        return blocks.size();
    }
}
