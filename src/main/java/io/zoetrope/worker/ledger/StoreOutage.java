package io.zoetrope.worker.ledger;

/// Hears of an artifact store that does not do its work.
@FunctionalInterface
public interface StoreOutage {

    void noticed(Throwable failure);
}
