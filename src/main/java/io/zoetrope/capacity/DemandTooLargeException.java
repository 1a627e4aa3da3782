package io.zoetrope.capacity;

/// A demand that waits in vain, because the device as a whole is smaller.
public final class DemandTooLargeException extends RuntimeException {

    private final MemoryDemand demand;
    private final long totalBytes;

    DemandTooLargeException(MemoryDemand demand, long totalBytes) {
        super("%s can never be reserved of a total of %s (%d of %d bytes)"
                .formatted(demand, MemoryDemand.readable(totalBytes), demand.bytes(), totalBytes));
        this.demand = demand;
        this.totalBytes = totalBytes;
    }

    public MemoryDemand demand() {
        return demand;
    }

    public long totalBytes() {
        return totalBytes;
    }
}
