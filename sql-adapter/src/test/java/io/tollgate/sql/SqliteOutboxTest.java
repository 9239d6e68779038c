package io.tollgate.sql;

import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.OutboxContract;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SqliteOutboxTest extends OutboxContract<SqliteStore> {
    @TempDir
    Path directory;

    private final StoreHomes homes = new StoreHomes();

    @Override
    protected SqliteStore emptyStore(JobRules rules, InstantSource time) {
        return homes.empty(directory, rules, time);
    }

    @Override
    protected void close(SqliteStore used) {
        homes.close(used);
    }

    @Override
    protected SqliteStore reopen(SqliteStore used, JobRules rules, InstantSource time) {
        return homes.reopen(used, rules, time);
    }
}
