package io.tollgate.sql;

import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.job.TollContract;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SqliteTollTest extends TollContract<SqliteStore> {
    @TempDir
    Path directory;

    private final Map<SqliteStore, StoreFixture> open = new HashMap<>();

    @Override
    protected SqliteStore emptyStore(JobRules rules, InstantSource time) {
        // a test may ask for several, each in a directory of its own
        return started(directory.resolve("store-" + open.size()), rules, time);
    }

    private SqliteStore started(Path home, JobRules rules, InstantSource time) {
        StoreFixture fixture = new StoreFixture(home, rules.policy(), time);
        open.put(fixture.store(), fixture);
        return fixture.store();
    }

    @Override
    protected void close(SqliteStore used) {
        StoreFixture fixture = open.get(used);
        if (fixture != null) {
            fixture.close();
        }
    }

    @Override
    protected SqliteStore reopen(SqliteStore used, JobRules rules, InstantSource time) {
        StoreFixture fixture = open.get(used);
        if (fixture == null) {
            throw new IllegalArgumentException("not a store of this test");
        }
        fixture.close();
        open.remove(used);
        return started(fixture.directory(), rules, time);
    }
}
