package io.tollgate.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.queue.job.JobRules;
import io.tollgate.queue.model.DurableStateMachineContract;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

final class SqliteStateMachineTest extends DurableStateMachineContract<SqliteStore> {
    @TempDir
    Path directory;

    private final Map<SqliteStore, StoreFixture> open = new HashMap<>();
    private int stores;

    @Override
    protected SqliteStore emptyStore(JobRules rules, InstantSource time) {
        stores++;
        StoreFixture fixture = new StoreFixture(directory.resolve("store-" + stores), rules.policy(), time);
        open.put(fixture.store(), fixture);
        return fixture.store();
    }

    @Override
    protected SqliteStore reopen(SqliteStore used, JobRules rules, InstantSource time) {
        StoreFixture fixture = fixture(used);
        open.put(fixture.restart(), fixture);
        return fixture.store();
    }

    @Override
    protected void close(SqliteStore used) {
        StoreFixture fixture = fixture(used);
        fixture.close();
        assertThat(fixture.errors).isEmpty();
    }

    private StoreFixture fixture(SqliteStore used) {
        StoreFixture fixture = open.remove(used);
        if (fixture == null) {
            throw new IllegalArgumentException("not a store of this test");
        }
        return fixture;
    }
}
