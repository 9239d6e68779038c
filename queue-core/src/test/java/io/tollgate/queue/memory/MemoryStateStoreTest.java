package io.tollgate.queue.memory;

import io.tollgate.queue.access.StateStore;
import io.tollgate.queue.access.StateStoreContract;
import java.time.InstantSource;

final class MemoryStateStoreTest extends StateStoreContract {
    @Override
    protected StateStore emptyStore(InstantSource time) {
        return new MemoryStateStore(time);
    }
}
