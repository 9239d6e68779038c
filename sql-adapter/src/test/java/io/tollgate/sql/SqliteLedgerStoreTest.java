package io.tollgate.sql;

import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.LedgerStoreContract;
import io.tollgate.queue.job.JobPolicy;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SqliteLedgerStoreTest extends LedgerStoreContract {
    @TempDir
    Path directory;

    private @Nullable StoreFixture fixture;

    @Override
    protected LedgerStore emptyStore(InstantSource time) {
        StoreFixture opened = new StoreFixture(directory, JobPolicy.DEFAULT, time);
        fixture = opened;
        return opened.store();
    }

    @Override
    protected void close(LedgerStore used) {
        if (fixture != null) {
            fixture.close();
        }
    }
}
