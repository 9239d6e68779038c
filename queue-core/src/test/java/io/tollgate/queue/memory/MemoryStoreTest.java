package io.tollgate.queue.memory;

import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.JobStoreContract;
import java.time.InstantSource;

final class MemoryStoreTest extends JobStoreContract<MemoryStore> {
    @Override
    protected MemoryStore emptyStore(JobRules rules, InstantSource time) {
        return new MemoryStore(rules, time);
    }

    @Override
    protected boolean durable() {
        return false;
    }
}
