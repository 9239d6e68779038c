package io.tollgate.app.container;

import com.google.inject.AbstractModule;
import com.google.inject.Singleton;
import com.google.inject.multibindings.ProvidesIntoSet;
import io.tollgate.app.cli.Version;
import io.tollgate.app.config.Secret;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.queue.event.JobListener;
import io.tollgate.tracing.Tracing;
import io.tollgate.tracing.TracingSettings;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;

/** Has traces of jobs sent to a collector. For a container that serves; without it there are none. */
public final class TracingModule extends AbstractModule {
    private static final String SERVICE = "tollgate";
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(10);

    private final URI endpoint;

    /** @param endpoint the collector's address for traces */
    public TracingModule(URI endpoint) {
        this.endpoint = endpoint;
    }

    @ProvidesIntoSet
    @Singleton
    JobListener traces(TollgateConfig config, InstantSource clock, Lifecycle lifecycle) {
        Tracing tracing = new Tracing(
                new TracingSettings(
                        endpoint,
                        config.tracing().authorization().map(Secret::reveal),
                        config.tracing().sample(),
                        SERVICE,
                        Version.current()),
                clock);
        lifecycle.add(Service.of("tracing", STOPS_WITHIN, tracing::close));
        return tracing.jobs();
    }
}
