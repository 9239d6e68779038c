package io.tollgate.queue.model;

import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobStore;
import java.util.concurrent.CompletionStage;

/** A command as a store takes it. */
sealed interface Wish {
    /** Hands it to a store. */
    <S extends JobStore & LedgerStore> CompletionStage<?> to(S store);

    record OfJobs(JobCommand<?> command) implements Wish {
        @Override
        public <S extends JobStore & LedgerStore> CompletionStage<?> to(S store) {
            return store.execute(command);
        }
    }

    record OfLedger(LedgerCommand<?> command) implements Wish {
        @Override
        public <S extends JobStore & LedgerStore> CompletionStage<?> to(S store) {
            return store.execute(command);
        }
    }
}
