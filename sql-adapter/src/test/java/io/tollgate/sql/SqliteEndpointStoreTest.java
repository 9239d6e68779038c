package io.tollgate.sql;

import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.delivery.EndpointStore;
import io.tollgate.queue.delivery.EndpointStoreContract;
import io.tollgate.queue.job.JobPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SqliteEndpointStoreTest extends EndpointStoreContract {
    @TempDir
    Path directory;

    private final List<StoreFixture> open = new ArrayList<>();

    @Override
    protected EndpointStore emptyStore() {
        StoreFixture fixture =
                new StoreFixture(directory.resolve("store-" + open.size()), JobPolicy.DEFAULT, new MutableClock());
        open.add(fixture);
        return store(fixture);
    }

    @Override
    protected EndpointStore reopened(EndpointStore store) {
        StoreFixture latest = open.get(open.size() - 1);
        latest.restart();
        return store(latest);
    }

    private static EndpointStore store(StoreFixture fixture) {
        return new SqliteEndpointStore(fixture.database(), fixture.store());
    }

    @AfterEach
    void close() {
        open.forEach(StoreFixture::close);
    }
}
