package io.zoetrope.capacity;

import java.util.concurrent.atomic.AtomicBoolean;

/// Memory that was set aside; given back by [#close], once, however often that is called and by whichever thread.
public final class Reservation implements AutoCloseable {

    private final Capacity capacity;
    private final MemoryDemand demand;
    private final AtomicBoolean closed = new AtomicBoolean();

    Reservation(Capacity capacity, MemoryDemand demand) {
        this.capacity = capacity;
        this.demand = demand;
    }

    public MemoryDemand demand() {
        return demand;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            capacity.giveBack(demand.bytes());
        }
    }
}
