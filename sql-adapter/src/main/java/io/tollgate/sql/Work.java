package io.tollgate.sql;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.queue.job.EraseResult;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.StoredEvent;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the writer is asked to do. */
sealed interface Work {
    record OfJobs(JobCommand<?> command) implements Work {}

    record OfLedger(LedgerCommand<?> command) implements Work {}

    record Keep(List<StoredEvent> events) implements Work {}

    /** Drops some of what is too old; answers with how many rows went. */
    record Prune(Instant eventsBefore, Instant keysBefore, int limit) implements Work {}

    /** Changes rows of the tables that stand aside; answers with how many. */
    record Write(RowWrite rows) implements Work {}

    /** Forgets who a user was; answers with an {@link EraseResult}. */
    record Erase(UserId user, UserId pseudonym, String actor, String reason) implements Work {}

    /**
     * What came of it: an answer, or what the rule threw.
     *
     * @param value null if it failed
     */
    record Done(@Nullable Object value, @Nullable RuntimeException failure) {
        static Done of(Object value) {
            return new Done(value, null);
        }

        static Done failed(RuntimeException failure) {
            return new Done(null, failure);
        }
    }
}
