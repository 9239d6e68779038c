package io.tollgate.app.container;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import com.google.inject.multibindings.ProvidesIntoSet;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.log.JobLog;
import io.tollgate.comfyui.ComfyGraphs;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.java2d.FilmInspector;
import io.tollgate.java2d.Java2dLimits;
import io.tollgate.java2d.PictureInspector;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.TollgateBuilder;
import io.tollgate.queue.access.Doors;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.StateStore;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.delivery.EndpointStore;
import io.tollgate.queue.delivery.Endpoints;
import io.tollgate.queue.delivery.FileChannel;
import io.tollgate.queue.delivery.MediaProcessor;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.workflow.WorkflowSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Function;

/**
 * Binds {@link Tollgate} itself, and who hears of it: listeners and delivery channels can be added by other modules.
 */
final class TollgateModule extends AbstractModule {
    private static final int REMEMBERED_JOBS = 10_000;
    private static final long LARGEST_OUTPUT = 1L << 30;
    private static final Duration AFTER_GRACE = Duration.ofSeconds(15);

    @Override
    protected void configure() {
        Multibinder.newSetBinder(binder(), JobListener.class);
        Multibinder.newSetBinder(binder(), DeliveryChannel.class);
    }

    @ProvidesIntoSet
    @Singleton
    JobListener log(TollgateConfig config) {
        return new JobLog(config.log().format() == TollgateConfig.LogFormat.JSON);
    }

    @ProvidesIntoSet
    @Singleton
    DeliveryChannel files(TollgateConfig config, MediaStore media, Threads threads) {
        return new FileChannel(config.dataDir().resolve("deliveries"), media, threads.io());
    }

    @Provides
    @Singleton
    Tollgate tollgate(
            TollgateConfig config,
            Access access,
            JobPolicy policy,
            JobStore store,
            MediaStore media,
            WorkflowSource workflows,
            BackendsModule.Configured backends,
            Set<MediaProcessor> processors,
            Set<DeliveryChannel> channels,
            EndpointStore endpoints,
            Function<Endpoints, DeliveryChannel> webhooks,
            Set<JobListener> listeners,
            Doors doors,
            Keys keys,
            StateStore state,
            InstantSource clock,
            Threads threads,
            Lifecycle lifecycle) {
        TollgateBuilder builder = Tollgate.builder()
                .policy(policy)
                .store((JobStore & LedgerStore) store)
                .media(media)
                .inspector(new PictureInspector(Java2dLimits.DEFAULT))
                .inspector(new FilmInspector())
                .workflows(workflows)
                .graphs(new ComfyGraphs())
                .dispatch(Policies.dispatch(config))
                .deliveryPolicy(Policies.deliveries(config.delivery()))
                .endpoints(endpoints)
                .channel(webhooks)
                .pauseEndpointsAfter(config.webhooks().pauseAfter())
                .node(config.node())
                .waitingAtMost(config.limits().waitingAtMost())
                .quotes(config.limits().quotes())
                .keepEvents(config.eventRetention())
                .keepFiles(config.media().retention(), config.media().retention())
                .maxBytes(config.media().maxInputBytes(), LARGEST_OUTPUT)
                .maxBytesPerUser(config.media().maxBytesPerUser())
                .doors(doors)
                .forgetting(user -> {
                    keys.forget(user);
                    state.forget(user);
                    doors.reload();
                })
                .rememberJobs(access == Access.READ ? 0 : REMEMBERED_JOBS) // another process may write
                .clock(clock)
                .threads(threads.work(), threads.io())
                .fetching(threads.fetch());
        config.queues().keySet().forEach(builder::queue);
        backends.backends().forEach(builder::backend);
        processors.forEach(builder::processor);
        channels.forEach(builder::channel);
        listeners.forEach(builder::listener);
        Tollgate tollgate = builder.build();
        Duration stopWithin = config.dispatch().stopGrace().plus(AFTER_GRACE);
        lifecycle.add(
                access == Access.WORK
                        ? Service.of("tollgate", stopWithin, tollgate::start, tollgate::close)
                        : Service.of("tollgate", stopWithin, tollgate::close));
        if (access == Access.WORK) {
            CatalogueWatch watch = new CatalogueWatch(config.workflowsDir(), tollgate::reloadCatalogue);
            lifecycle.add(watch.service(threads.work(), threads.io()));
        }
        if (access != Access.WORK) {
            // who doesn't run jobs is still asked how they stand
            store.slots().forEach(tollgate.operations().registry()::update);
            tollgate.operations().registry().probeAll();
        }
        return tollgate;
    }
}
