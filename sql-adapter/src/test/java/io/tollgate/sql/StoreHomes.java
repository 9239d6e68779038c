package io.tollgate.sql;

import io.tollgate.queue.job.JobRules;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/** The stores of one contract test, each in a directory of its own, which it comes back to. */
final class StoreHomes {
    private final Map<SqliteStore, StoreFixture> open = new HashMap<>();

    SqliteStore empty(Path directory, JobRules rules, InstantSource time) {
        // a test may ask for several
        return started(directory.resolve("store-" + open.size()), rules, time);
    }

    private SqliteStore started(Path home, JobRules rules, InstantSource time) {
        StoreFixture fixture = new StoreFixture(home, rules.policy(), time);
        open.put(fixture.store(), fixture);
        return fixture.store();
    }

    void close(SqliteStore used) {
        StoreFixture fixture = open.get(used);
        if (fixture != null) {
            fixture.close();
        }
    }

    SqliteStore reopen(SqliteStore used, JobRules rules, InstantSource time) {
        StoreFixture fixture = open.get(used);
        if (fixture == null) {
            throw new IllegalArgumentException("not a store of this test");
        }
        fixture.close();
        open.remove(used);
        return started(fixture.directory(), rules, time);
    }
}
