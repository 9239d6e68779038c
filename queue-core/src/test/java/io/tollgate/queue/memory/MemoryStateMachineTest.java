package io.tollgate.queue.memory;

import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.model.StateMachineContract;
import java.time.InstantSource;

final class MemoryStateMachineTest extends StateMachineContract<MemoryStore> {
    @Override
    protected MemoryStore emptyStore(JobRules rules, InstantSource time) {
        return new MemoryStore(rules, time);
    }

    @Override
    protected MemoryStore reopen(MemoryStore used, JobRules rules, InstantSource time) {
        return used;
    }

    @Override
    protected void close(MemoryStore used) {}
}
