package io.tollgate.sql;

import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.access.KeyStore;
import io.tollgate.queue.access.KeyStoreContract;
import io.tollgate.queue.job.JobPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SqliteKeyStoreTest extends KeyStoreContract {
    @TempDir
    Path directory;

    private final List<StoreFixture> open = new ArrayList<>();

    @Override
    protected KeyStore emptyStore() {
        StoreFixture fixture =
                new StoreFixture(directory.resolve("store-" + open.size()), JobPolicy.DEFAULT, new MutableClock());
        open.add(fixture);
        return store(fixture);
    }

    @Override
    protected KeyStore reopened(KeyStore store) {
        StoreFixture latest = open.get(open.size() - 1);
        latest.restart();
        return store(latest);
    }

    private static KeyStore store(StoreFixture fixture) {
        return new SqliteKeyStore(fixture.database(), fixture.store());
    }

    @AfterEach
    void close() {
        open.forEach(StoreFixture::close);
    }
}
