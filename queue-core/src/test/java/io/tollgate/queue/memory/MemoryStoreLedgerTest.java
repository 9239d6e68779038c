package io.tollgate.queue.memory;

import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.LedgerStoreContract;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobRules;
import java.time.InstantSource;

final class MemoryStoreLedgerTest extends LedgerStoreContract {
    @Override
    protected LedgerStore emptyStore(InstantSource time) {
        return new MemoryStore(new JobRules(JobPolicy.DEFAULT), time);
    }
}
