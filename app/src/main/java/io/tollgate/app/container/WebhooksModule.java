package io.tollgate.app.container;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.tollgate.app.cli.Version;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.http.ApiJson;
import io.tollgate.http.JobDocument;
import io.tollgate.http.Links;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.delivery.EndpointStore;
import io.tollgate.queue.delivery.Endpoints;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.UuidV7;
import io.tollgate.sql.SqliteDatabase;
import io.tollgate.sql.SqliteEndpointStore;
import io.tollgate.sql.SqliteStore;
import io.tollgate.webhook.TargetGuard;
import io.tollgate.webhook.WebhookChannel;
import io.tollgate.webhook.WebhookSettings;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/** Binds what calls webhooks, and where standing endpoints are kept. Needs the stores and {@link Threads}. */
final class WebhooksModule extends AbstractModule {
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(10);

    @Provides
    @Singleton
    EndpointStore endpoints(SqliteDatabase database, SqliteStore store) {
        return new SqliteEndpointStore(database, store);
    }

    /** What makes the channel, once it is known where standing endpoints are. */
    @Provides
    @Singleton
    Function<Endpoints, DeliveryChannel> channel(
            TollgateConfig config, Links links, InstantSource clock, Threads threads, Lifecycle lifecycle) {
        TollgateConfig.Webhooks webhooks = config.webhooks();
        return endpoints -> {
            WebhookChannel channel = new WebhookChannel(
                    new WebhookSettings(
                            webhooks.timeout(), config.delivery().perTarget(), "Tollgate/" + Version.current()),
                    new TargetGuard(webhooks.allowPrivateTargets(), webhooks.allowedHosts()),
                    (record, progress) -> document(record, progress, links, clock),
                    endpoints,
                    new UuidV7(clock, new SecureRandom()),
                    threads.webhooks(),
                    threads.work(),
                    clock);
            lifecycle.add(Service.of("webhooks", STOPS_WITHIN, channel::close));
            return channel;
        };
    }

    private static byte[] document(JobRecord record, Optional<Progress> progress, Links links, InstantSource clock) {
        JobView view = new JobView(record, Optional.empty(), Optional.empty(), Optional.empty(), progress);
        return ApiJson.bytes(JobDocument.of(view, clock.instant(), links::kept));
    }
}
