package io.tollgate.app.container;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.OptionalBinder;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.credits.payment.Payments;
import io.tollgate.http.ApiServer;
import io.tollgate.http.CallRates;
import io.tollgate.http.HttpSettings;
import io.tollgate.http.HttpWatcher;
import io.tollgate.http.Links;
import io.tollgate.http.Measurements;
import io.tollgate.http.Services;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.job.UuidV7;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.sql.SqliteDatabase;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** Binds the HTTP server, which listens while the container is open. Other modules can bind who watches its calls. */
public final class HttpModule extends AbstractModule {
    private static final Duration CALLS_END_WITHIN = Duration.ofSeconds(10);
    private static final Duration STOPS_WITHIN = CALLS_END_WITHIN.plusSeconds(5);

    @Override
    protected void configure() {
        OptionalBinder.newOptionalBinder(binder(), HttpWatcher.class)
                .setDefault()
                .toInstance(HttpWatcher.NONE);
        OptionalBinder.newOptionalBinder(binder(), Measurements.class);
    }

    @Provides
    @Singleton
    ApiServer server(
            TollgateConfig config,
            Tollgate tollgate,
            Payments payments,
            Keys keys,
            Links links,
            MediaStore media,
            SqliteDatabase database,
            HttpWatcher watcher,
            Optional<Measurements> measurements,
            InstantSource clock,
            Threads threads,
            Lifecycle lifecycle) {
        TollgateConfig.Http http = config.http();
        HttpSettings settings = new HttpSettings(
                http.host(),
                http.port(),
                http.maxConnections(),
                http.maxHeaderBytes(),
                http.maxJsonBytes(),
                config.media().maxInputBytes(),
                http.idleTimeout(),
                CALLS_END_WITHIN,
                http.heartbeat(),
                http.streamsPerUser(),
                http.corsOrigins(),
                config.media().dir().resolve("incoming"));
        ApiServer server = new ApiServer(
                settings,
                new CallRates(http.callsPerMinute(), http.anonymousCallsPerMinute()),
                new Services(
                        tollgate,
                        payments,
                        keys,
                        links,
                        threads.io(),
                        threads.work(),
                        clock,
                        new UuidV7(clock, new SecureRandom()),
                        new DiskHousekeeping(config, media, database, clock),
                        measurements,
                        watcher));
        // made after what it works with, so it begins last and ends first
        lifecycle.add(Service.of("http server", STOPS_WITHIN, server::start, server::close));
        return server;
    }
}
