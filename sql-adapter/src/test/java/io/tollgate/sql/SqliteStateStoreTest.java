package io.tollgate.sql;

import io.tollgate.queue.access.StateStore;
import io.tollgate.queue.access.StateStoreContract;
import io.tollgate.queue.job.JobPolicy;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SqliteStateStoreTest extends StateStoreContract {
    @TempDir
    Path directory;

    private final List<StoreFixture> open = new ArrayList<>();
    private InstantSource clock = InstantSource.system();

    @Override
    protected StateStore emptyStore(InstantSource time) {
        clock = time;
        open.add(new StoreFixture(directory.resolve("store-" + open.size()), JobPolicy.DEFAULT, time));
        return latest();
    }

    @Override
    protected Optional<StateStore> reopened(StateStore store) {
        open.get(open.size() - 1).restart();
        return Optional.of(latest());
    }

    private StateStore latest() {
        StoreFixture fixture = open.get(open.size() - 1);
        return new SqliteStateStore(fixture.database(), fixture.store(), clock);
    }

    @AfterEach
    void close() {
        open.forEach(StoreFixture::close);
    }
}
