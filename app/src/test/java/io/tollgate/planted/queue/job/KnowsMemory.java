package io.tollgate.planted.queue.job;

final class KnowsMemory {
    io.tollgate.planted.queue.memory.AllowedStore store() {
        return new io.tollgate.planted.queue.memory.AllowedStore();
    }
}
