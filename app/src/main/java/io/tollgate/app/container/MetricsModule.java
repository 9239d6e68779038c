package io.tollgate.app.container;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.OptionalBinder;
import com.google.inject.multibindings.ProvidesIntoOptional;
import com.google.inject.multibindings.ProvidesIntoSet;
import io.tollgate.app.cli.Version;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.comfyui.CallWatcher;
import io.tollgate.comfyui.ComfyBackend;
import io.tollgate.http.HttpWatcher;
import io.tollgate.http.Measurements;
import io.tollgate.metrics.BackendMeters;
import io.tollgate.metrics.CreditMeters;
import io.tollgate.metrics.HttpMeters;
import io.tollgate.metrics.ProcessMeters;
import io.tollgate.metrics.PrometheusPage;
import io.tollgate.metrics.StoreMeters;
import io.tollgate.metrics.TollgateGauges;
import io.tollgate.metrics.TollgateMetrics;
import io.tollgate.metrics.WorkerMeters;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.pull.PullBackend;
import io.tollgate.queue.pull.PullWatcher;
import io.tollgate.sql.CommitWatcher;
import io.tollgate.sql.SqliteStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;

/**
 * Binds the {@link PrometheusPage}, and has everything measured that is on it: jobs, credits, lines, backends, the
 * store, HTTP, the process. For a container that serves; without it nothing is measured.
 */
public final class MetricsModule extends AbstractModule {
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(5);

    /** That everything is measured; made to have it so. */
    record Measuring(PrometheusPage page) {}

    @Override
    protected void configure() {
        OptionalBinder.newOptionalBinder(binder(), HttpWatcher.class)
                .setBinding()
                .to(HttpCalls.class);
        OptionalBinder.newOptionalBinder(binder(), BackendCalls.class)
                .setBinding()
                .to(MeasuredCalls.class);
        OptionalBinder.newOptionalBinder(binder(), PullWatcher.class)
                .setBinding()
                .to(MeasuredWorkers.class);
    }

    @Provides
    @Singleton
    PrometheusPage page(TollgateConfig config, Lifecycle lifecycle) {
        PrometheusPage page = new PrometheusPage();
        ProcessMeters process = new ProcessMeters(Version.current(), config.dataDir());
        process.bindTo(page.registry());
        lifecycle.add(Service.of("metrics", STOPS_WITHIN, () -> {
            process.close();
            page.close();
        }));
        return page;
    }

    @ProvidesIntoOptional(ProvidesIntoOptional.Type.ACTUAL)
    @Singleton
    Measurements measurements(PrometheusPage page, TollgateConfig config) {
        return new Measurements(
                PrometheusPage.CONTENT_TYPE,
                page::bytes,
                config.openMetrics() || isLoopback(config.http().host()));
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("::1") || host.startsWith("127.");
    }

    @ProvidesIntoSet
    @Singleton
    JobListener jobs(PrometheusPage page, InstantSource clock) {
        return new TollgateMetrics(page.registry(), clock);
    }

    @Provides
    @Singleton
    HttpCalls http(PrometheusPage page) {
        return new HttpCalls(new HttpMeters(page.registry()));
    }

    @Provides
    @Singleton
    MeasuredCalls backends(PrometheusPage page) {
        return new MeasuredCalls(new BackendMeters(page.registry()));
    }

    @Provides
    @Singleton
    MeasuredWorkers workers(PrometheusPage page) {
        return new MeasuredWorkers(new WorkerMeters(page.registry()));
    }

    @Provides
    @Singleton
    Measuring measuring(
            PrometheusPage page,
            Tollgate tollgate,
            JobStore jobs,
            SqliteStore store,
            MeasuredCalls calls,
            MeasuredWorkers workers,
            InstantSource clock) {
        page.beforeScrape(new TollgateGauges(page.registry(), tollgate, clock)::update);
        jobs.onCommit(new CreditMeters(page.registry()));
        store.watch(new Commits(new StoreMeters(page.registry(), store::waiting)));
        for (GenerationBackend backend : tollgate.operations().registry().all()) {
            if (backend instanceof ComfyBackend server) {
                calls.meters().circuit(server.id().value(), server::circuit);
            } else if (backend instanceof PullBackend desk) {
                workers.meters().desk(desk.id().value(), desk::waiting, desk::workers);
            }
        }
        return new Measuring(page);
    }

    /** What one adapter tells, for another to measure. */
    private record Commits(StoreMeters meters) implements CommitWatcher {
        @Override
        public void began(int commands) {
            meters.began(commands);
        }

        @Override
        public void ended(Result result) {
            meters.ended(result.name().toLowerCase(Locale.ROOT));
        }
    }

    /** What one adapter tells, for another to measure. */
    record MeasuredCalls(BackendMeters meters) implements BackendCalls {
        @Override
        public CallWatcher watcher(BackendId id) {
            return (call, outcome, took) -> meters.called(id.value(), call, outcome, took);
        }
    }

    /** What the core tells, for an adapter to measure. */
    record MeasuredWorkers(WorkerMeters meters) implements PullWatcher {
        @Override
        public void answered(BackendId backend, int runs) {
            meters.answered(backend.value(), runs);
        }

        @Override
        public void lost(BackendId backend, Loss loss) {
            meters.lost(backend.value(), loss.word());
        }
    }

    /** What one adapter tells, for another to measure. */
    record HttpCalls(HttpMeters meters) implements HttpWatcher {
        @Override
        public void answered(String method, String route, int status, Duration took) {
            meters.answered(method, route, status, took);
        }

        @Override
        public void limited(String reason) {
            meters.limited(reason);
        }

        @Override
        public void streams(int by) {
            meters.streams(by);
        }
    }
}
