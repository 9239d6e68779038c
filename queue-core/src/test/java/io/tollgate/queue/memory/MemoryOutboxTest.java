package io.tollgate.queue.memory;

import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.OutboxContract;
import java.time.InstantSource;

final class MemoryOutboxTest extends OutboxContract<MemoryStore> {
    @Override
    protected MemoryStore emptyStore(JobRules rules, InstantSource time) {
        return new MemoryStore(rules, time);
    }

    @Override
    protected boolean durable() {
        return false;
    }
}
