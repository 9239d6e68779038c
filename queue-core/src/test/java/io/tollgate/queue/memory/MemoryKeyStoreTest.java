package io.tollgate.queue.memory;

import io.tollgate.queue.access.KeyStore;
import io.tollgate.queue.access.KeyStoreContract;

final class MemoryKeyStoreTest extends KeyStoreContract {
    @Override
    protected KeyStore emptyStore() {
        return new MemoryKeyStore();
    }
}
