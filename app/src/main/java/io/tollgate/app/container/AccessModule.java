package io.tollgate.app.container;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.tollgate.app.config.ConfigException;
import io.tollgate.app.config.Problem;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.http.Links;
import io.tollgate.queue.access.Doors;
import io.tollgate.queue.access.KeyStore;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.StateStore;
import io.tollgate.queue.job.UuidV7;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.memory.MemoryStateStore;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteKeyStore;
import io.tollgate.sql.SqliteStateStore;
import io.tollgate.sql.SqliteStore;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Binds who may come in: API keys, small state, the operator's doors. Needs the configuration, the database and
 * {@link Threads}. A node that works stores last uses and removes expired state once a minute.
 */
final class AccessModule extends AbstractModule {
    private static final Logger LOG = LoggerFactory.getLogger(AccessModule.class);
    private static final Duration TIDIED_EVERY = Duration.ofMinutes(1);
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(10);
    private static final int HASH_KEY_BYTES = 32;

    @Provides
    @Singleton
    KeyStore keyStore(SqliteDatabase database, SqliteStore store) {
        return new SqliteKeyStore(database, store);
    }

    @Provides
    @Singleton
    StateStore stateStore(TollgateConfig config, SqliteDatabase database, SqliteStore store, InstantSource clock) {
        return switch (config.stateStore()) {
            case MEMORY -> new MemoryStateStore(clock);
            case SQL -> new SqliteStateStore(database, store, clock);
            case REDIS ->
                throw new ConfigException(List.of(
                        new Problem("state.store", "must be memory or sql; redis is not part of this program yet")));
        };
    }

    /** In the database, whatever {@code state.store} says: a notice and a closed door outlive the process. */
    @Provides
    @Singleton
    Doors doors(SqliteDatabase database, SqliteStore store, InstantSource clock) {
        return new Doors(new SqliteStateStore(database, store, clock), clock);
    }

    /** @param database opened first, so that a directory that isn't ours is left as it was */
    @Provides
    @Singleton
    @SuppressWarnings("UnusedVariable") // that it is there is what counts
    ServerSecret secret(TollgateConfig config, Access access, SqliteDatabase database) {
        SecureRandom random = new SecureRandom();
        if (access == Access.READ) { // it makes no keys and lets nobody in: no need to read anything secret
            byte[] any = new byte[HASH_KEY_BYTES];
            random.nextBytes(any);
            return new ServerSecret(any);
        }
        return new ServerSecret(config.http()
                .keySecret()
                .map(secret -> secret.reveal().getBytes(StandardCharsets.UTF_8))
                .orElseGet(() -> new KeySecretFile(config.dataDir()).readOrMake(random)));
    }

    @Provides
    @Singleton
    Keys keys(
            ServerSecret secret,
            Access access,
            KeyStore store,
            StateStore state,
            InstantSource clock,
            Threads threads,
            Lifecycle lifecycle) {
        SecureRandom random = new SecureRandom();
        Keys keys = new Keys(store, secret.bytes(), clock, new UuidV7(clock, random), random);
        if (access == Access.WORK) {
            lifecycle.add(tidying(keys, state, clock, threads));
        }
        return keys;
    }

    /** Addresses of files that need no key. */
    @Provides
    @Singleton
    Links links(TollgateConfig config, MediaStore media, ServerSecret secret, InstantSource clock) {
        return new Links(media, secret.derive("links"), config.http().linkLifetime(), clock);
    }

    private static Service tidying(Keys keys, StateStore state, InstantSource clock, Threads threads) {
        Runnable tidying = () -> tidy(keys, state, clock);
        return Service.repeating(
                "access",
                STOPS_WITHIN,
                threads.work(),
                TIDIED_EVERY,
                TIDIED_EVERY,
                () -> threads.io()
                        .execute(tidying), // it waits for the store, whose answers come on the threads for work
                tidying);
    }

    private static void tidy(Keys keys, StateStore state, InstantSource clock) {
        try {
            keys.flushUses();
            state.removeExpired(clock.instant());
        } catch (RuntimeException e) { // the next round tries again
            LOG.atWarn()
                    .setMessage("last uses of keys not stored")
                    .addKeyValue("problem", String.valueOf(e))
                    .log();
        }
    }
}
