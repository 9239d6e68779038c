package io.tollgate.sql;

import io.tollgate.queue.access.StateStore;
import io.tollgate.queue.access.StateStoreContract;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SqliteStateStoreTest extends StateStoreContract {
    @TempDir
    Path directory;

    private final LatestHome homes = new LatestHome();
    private InstantSource clock = InstantSource.system();

    @Override
    protected StateStore emptyStore(InstantSource time) {
        clock = time;
        return store(homes.empty(directory, time));
    }

    @Override
    protected Optional<StateStore> reopened(StateStore store) {
        return Optional.of(store(homes.restarted()));
    }

    private StateStore store(StoreFixture fixture) {
        return new SqliteStateStore(fixture.database(), fixture.store(), clock);
    }

    @AfterEach
    void close() {
        homes.close();
    }
}
