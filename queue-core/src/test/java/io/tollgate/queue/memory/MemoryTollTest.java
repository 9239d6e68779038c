package io.tollgate.queue.memory;

import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.TollContract;
import java.time.InstantSource;

final class MemoryTollTest extends TollContract<MemoryStore> {
    @Override
    protected MemoryStore emptyStore(JobRules rules, InstantSource time) {
        return new MemoryStore(rules, time);
    }

    @Override
    protected boolean durable() {
        return false;
    }
}
