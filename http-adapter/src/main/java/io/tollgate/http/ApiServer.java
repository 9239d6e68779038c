package io.tollgate.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.CrossOriginHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.server.handler.MinimumDataRateHandler;
import org.eclipse.jetty.util.component.Graceful;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The HTTP server. It works between {@link #start} and {@link #close}; what it works with is not its own to close. Safe
 * for use by many threads.
 */
public final class ApiServer implements AutoCloseable {
    private static final int THREADS = 64;
    private static final int IDLE_THREADS = 8;

    /** A body that only drips is given up. */
    private static final long MIN_BYTES_A_SECOND = 64;

    private static final Duration STREAMS_END_WITHIN = Duration.ofSeconds(3);

    private final HttpSettings settings;
    private final List<Route> routes;
    private final Server server;
    private final ServerConnector connector;
    private final JobFeed feed;
    private final EventStreams streams;
    private final JobWaits waits;
    private final WorkerRoutes workers;
    private final Readiness readiness;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Puts it together; nothing listens yet. */
    public ApiServer(HttpSettings settings, CallRates rates, Services services) {
        this.settings = settings;
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, IDLE_THREADS);
        threads.setName("tollgate-http");
        threads.setDaemon(true);
        this.server = new Server(threads);
        this.feed = new JobFeed(services.tollgate());
        this.waits = new JobWaits(services.tollgate(), feed, services.io(), services.timers());
        this.streams = new EventStreams(
                settings.heartbeat(),
                services.timers(),
                services.watcher(),
                new StreamCount(settings.streamsPerUser(), services.watcher()),
                services.keys()::stands,
                services.io());
        this.readiness = new Readiness(services.tollgate(), services.clock());
        this.workers = new WorkerRoutes(services, settings);
        this.routes = new ArrayList<>();
        JobStreams jobStreams = new JobStreams(services, feed);
        routes.addAll(new JobRoutes(services, waits, jobStreams).routes());
        routes.addAll(new AdminEvents(services, feed).routes());
        routes.addAll(new SocketRoutes(settings.corsOrigins()).routes());
        routes.addAll(new AssetRoutes(services, settings).routes());
        routes.addAll(new CatalogueRoutes(services).routes());
        routes.addAll(new CreditRoutes(services).routes());
        routes.addAll(new WebhookRoutes(services).routes());
        routes.addAll(new DoorRoutes(services).routes());
        routes.addAll(workers.routes());
        routes.addAll(new AdminJobRoutes(services).routes());
        routes.addAll(new AdminUserRoutes(services).routes());
        routes.addAll(new AdminPaymentRoutes(services).routes());
        routes.addAll(new AdminRoutes(services).routes());
        routes.addAll(new HealthRoutes(readiness, services).routes());
        routes.addAll(new DocsRoutes().routes());
        CallLimits limits = new CallLimits(rates.perKey(), rates.perAddress(), services.watcher());
        Front front = new Front(
                new Router(routes),
                new Callers(services.keys(), limits),
                limits,
                new Writer(
                        streams,
                        new Sockets(server, streams, services.tollgate(), feed, jobStreams, services.watcher())),
                services.ids(),
                settings,
                services.watcher());
        GracefulHandler graceful =
                new GracefulHandler(new MinimumDataRateHandler(crossOrigin(front), MIN_BYTES_A_SECOND, 0));
        server.setHandler(graceful);
        server.addBean(new Ending());
        server.setStopTimeout(settings.stopTimeout().toMillis());
        server.setErrorHandler(new PlainErrors());
        this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration(settings)));
        connector.setHost(settings.host());
        connector.setPort(settings.port());
        connector.setIdleTimeout(settings.idleTimeout().toMillis());
        connector.setReuseAddress(true);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(settings.maxConnections(), connector));
    }

    private Handler crossOrigin(Handler inner) {
        if (settings.corsOrigins().isEmpty()) {
            return inner;
        }
        CrossOriginHandler cors = new CrossOriginHandler();
        cors.setAllowedOriginPatterns(settings.corsOrigins());
        cors.setAllowedMethods(Set.of("GET", "HEAD", "POST", "PUT", "DELETE"));
        cors.setAllowedHeaders(Set.of(
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "Prefer",
                "X-API-Key",
                "X-Request-Id",
                "Last-Event-ID"));
        cors.setExposedHeaders(Set.of(
                "X-Request-Id",
                "Location",
                "Retry-After",
                "RateLimit",
                "RateLimit-Policy",
                "Idempotency-Replayed",
                "ETag"));
        cors.setDeliverNonAllowedOriginWebSocketUpgradeRequests(true); // they are refused as all else is
        cors.setHandler(inner);
        return cors;
    }

    private static HttpConfiguration configuration(HttpSettings settings) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(settings.maxHeaderBytes());
        http.setUriCompliance(UriCompliance.DEFAULT);
        http.setIdleTimeout(settings.idleTimeout().toMillis());
        return http;
    }

    /**
     * Listens from now on.
     *
     * @throws UncheckedIOException if the port is taken; nothing listens then
     */
    public void start() {
        try {
            Files.createDirectories(settings.uploads());
            server.start();
            streams.start();
            readiness.open();
        } catch (IOException e) {
            closeQuietly(e);
            throw new UncheckedIOException(
                    "the HTTP server can't listen at " + settings.host() + ":" + settings.port() + ": "
                            + e.getMessage(),
                    e);
        } catch (Exception e) {
            closeQuietly(e);
            throw new IllegalStateException("the HTTP server could not be started: " + e.getMessage(), e);
        }
    }

    private void closeQuietly(Exception because) {
        try {
            close();
        } catch (RuntimeException e) {
            because.addSuppressed(e);
        }
    }

    /** All that can be asked. */
    List<Route> routes() {
        return List.copyOf(routes);
    }

    /** The port it listens at. */
    public int port() {
        return connector.getLocalPort();
    }

    /** How many streams of events are open. */
    int streaming() {
        return streams.size();
    }

    /** How many calls wait for jobs. */
    int waiting() {
        return waits.waiting();
    }

    /** Where it is, for who is on this machine. */
    public URI url() {
        return URI.create("http://" + (settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host())
                + ":" + port());
    }

    /** Takes no more calls, lets those finish that run, ends streams with a last event. Twice is fine. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        readiness.close();
        try {
            // before the server begins to stop: it would wait for them, and close sockets without a word
            streams.end().get(STREAMS_END_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // then the server cuts them
        }
        try {
            server.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP server did not stop well: " + e.getMessage(), e);
        } finally {
            feed.close();
        }
    }

    /** Answers those who wait for jobs when the server begins to stop: it would wait for them. */
    private final class Ending implements Graceful {
        private final AtomicBoolean ending = new AtomicBoolean();

        @Override
        public CompletableFuture<Void> shutdown() {
            ending.set(true);
            waits.end();
            workers.end();
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public boolean isShutdown() {
            return ending.get();
        }
    }
}
