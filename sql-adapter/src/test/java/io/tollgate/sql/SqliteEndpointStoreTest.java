package io.tollgate.sql;

import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.delivery.EndpointStore;
import io.tollgate.queue.delivery.EndpointStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SqliteEndpointStoreTest extends EndpointStoreContract {
    @TempDir
    Path directory;

    private final LatestHome homes = new LatestHome();

    @Override
    protected EndpointStore emptyStore() {
        return store(homes.empty(directory, new MutableClock()));
    }

    @Override
    protected EndpointStore reopened(EndpointStore store) {
        return store(homes.restarted());
    }

    private static EndpointStore store(StoreFixture fixture) {
        return new SqliteEndpointStore(fixture.database(), fixture.store());
    }

    @AfterEach
    void close() {
        homes.close();
    }
}
