package io.tollgate.sql;

import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.access.KeyStore;
import io.tollgate.queue.access.KeyStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SqliteKeyStoreTest extends KeyStoreContract {
    @TempDir
    Path directory;

    private final LatestHome homes = new LatestHome();

    @Override
    protected KeyStore emptyStore() {
        return store(homes.empty(directory, new MutableClock()));
    }

    @Override
    protected KeyStore reopened(KeyStore store) {
        return store(homes.restarted());
    }

    private static KeyStore store(StoreFixture fixture) {
        return new SqliteKeyStore(fixture.database(), fixture.store());
    }

    @AfterEach
    void close() {
        homes.close();
    }
}
