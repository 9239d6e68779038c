package io.tollgate.queue.memory;

import io.tollgate.queue.delivery.EndpointStore;
import io.tollgate.queue.delivery.EndpointStoreContract;

final class MemoryEndpointStoreTest extends EndpointStoreContract {
    @Override
    protected EndpointStore emptyStore() {
        return new MemoryEndpointStore();
    }
}
