package io.tollgate.credits.memory;

import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.LedgerStoreContract;
import java.time.InstantSource;

final class MemoryLedgerStoreTest extends LedgerStoreContract {
    @Override
    protected LedgerStore emptyStore(InstantSource time) {
        return new MemoryLedgerStore(time);
    }
}
