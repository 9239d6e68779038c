package io.tollgate.app.container;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Module;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import com.google.inject.name.Names;
import com.google.inject.spi.Message;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.payment.Payments;
import io.tollgate.http.ApiServer;
import io.tollgate.metrics.PrometheusPage;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.Doors;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.StateStore;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.sql.SqliteDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The program, put together: configuration, database, files, backends, {@link Tollgate}, logging. Services start in the
 * order in which they need each other and stop in reverse, each within its deadline; a start that fails undoes itself.
 * Safe for use by many threads.
 */
public final class ServiceContainer implements AutoCloseable {
    static final String WALL = "wall";

    /** The time that all services go by, but that for them it never goes back. */
    public static final Key<InstantSource> WALL_CLOCK = Key.get(InstantSource.class, Names.named(WALL));

    private final Lifecycle lifecycle;
    private final Injector injector;
    private final AtomicReference<@Nullable Thread> hook = new AtomicReference<>();

    private ServiceContainer(Lifecycle lifecycle, Injector injector) {
        this.lifecycle = lifecycle;
        this.injector = injector;
    }

    /**
     * Puts everything together and starts it.
     *
     * @param command what this process is, such as {@code tollgate serve}, for others that want the same directory
     * @param more modules that add backend types, listeners, channels or processors; or that, by an
     *     {@link com.google.inject.multibindings.OptionalBinder}, put their own in place of the {@link #WALL_CLOCK}, or
     *     of the {@link JobStore} and the {@link LedgerStore}, which must be one object
     * @throws RuntimeException whatever stopped it, as it was thrown; nothing is left running then
     */
    public static ServiceContainer open(TollgateConfig config, Access access, String command, Module... more) {
        Lifecycle lifecycle = new Lifecycle();
        List<Module> modules = new ArrayList<>(List.of(
                new ConfigModule(config, access, lifecycle),
                new StoreModule(command),
                new AccessModule(),
                new BackendsModule(),
                new WebhooksModule(),
                new TollgateModule(),
                new PaymentsModule()));
        modules.addAll(List.of(more));
        try {
            Injector injector = Guice.createInjector(Stage.PRODUCTION, modules);
            lifecycle.start();
            return new ServiceContainer(lifecycle, injector);
        } catch (CreationException e) {
            lifecycle.stop();
            throw cause(e, e.getErrorMessages());
        } catch (ProvisionException e) {
            lifecycle.stop();
            throw cause(e, e.getErrorMessages());
        } catch (RuntimeException | Error e) {
            lifecycle.stop();
            throw e;
        }
    }

    /** Guice tells its own story around what was thrown; the user wants the latter. */
    private static RuntimeException cause(RuntimeException told, Collection<Message> messages) {
        for (Message message : messages) {
            Throwable cause = message.getCause();
            while (cause instanceof ProvisionException && cause.getCause() != null) {
                cause = cause.getCause();
            }
            if (cause instanceof RuntimeException found) {
                return found;
            }
        }
        return told;
    }

    /** Whether the configured directory has a database. */
    public static boolean hasDatabase(TollgateConfig config) {
        return Files.exists(databaseDirectory(config).resolve(SqliteDatabase.FILE));
    }

    /** Where the configured database is. */
    public static Path databaseDirectory(TollgateConfig config) {
        return StoreModule.directory(config);
    }

    /** How large the configured database is, with its log. */
    public static long databaseBytes(TollgateConfig config) throws IOException {
        return StoreModule.databaseBytes(config);
    }

    /** Opens the database alone, as it is: no step of its schema is taken. */
    public static SqliteDatabase database(TollgateConfig config, Access access, String command) {
        Path directory = StoreModule.directory(config);
        return access == Access.READ
                ? SqliteDatabase.openReader(directory, StoreModule.options(command))
                : SqliteDatabase.openWriter(directory, StoreModule.options(command));
    }

    /** Begins to run jobs, in a container that was opened to write. It stops with the rest. */
    public void work() {
        tollgate().start();
    }

    public Tollgate tollgate() {
        return injector.getInstance(Tollgate.class);
    }

    public JobStore jobs() {
        return injector.getInstance(JobStore.class);
    }

    public LedgerStore ledger() {
        return injector.getInstance(LedgerStore.class);
    }

    public Payments payments() {
        return injector.getInstance(Payments.class);
    }

    public Keys keys() {
        return injector.getInstance(Keys.class);
    }

    /** Small values with a time to live, where {@code state.store} says. */
    public StateStore state() {
        return injector.getInstance(StateStore.class);
    }

    public Doors doors() {
        return injector.getInstance(Doors.class);
    }

    public MediaStore media() {
        return injector.getInstance(MediaStore.class);
    }

    public SqliteDatabase database() {
        return injector.getInstance(SqliteDatabase.class);
    }

    /**
     * The HTTP server, in a container that was opened with an {@link HttpModule}.
     *
     * @throws com.google.inject.ConfigurationException if it wasn't
     */
    public ApiServer http() {
        return injector.getInstance(ApiServer.class);
    }

    /** What is measured, as a page; empty in a container that was opened without a {@link MetricsModule}. */
    public Optional<PrometheusPage> metrics() {
        return Optional.ofNullable(injector.getExistingBinding(Key.get(PrometheusPage.class)))
                .map(binding -> binding.getProvider().get());
    }

    /** What time it is for all services. */
    public InstantSource clock() {
        return injector.getInstance(InstantSource.class);
    }

    /**
     * Closes this when the process is asked to end: running attempts get their grace before it does.
     *
     * @param afterwards done last, then only
     */
    public void closeOnSignal(Runnable afterwards) {
        Thread closing = new Thread(
                () -> {
                    lifecycle.stop();
                    afterwards.run();
                },
                "tollgate-signal");
        if (hook.compareAndSet(null, closing)) {
            Runtime.getRuntime().addShutdownHook(closing);
        }
    }

    /** Stops everything. Twice is fine. */
    @Override
    public void close() {
        lifecycle.stop();
        Thread closing = hook.getAndSet(null);
        if (closing != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(closing);
            } catch (IllegalStateException e) {
                // the process is ending already; the hook finds nothing to stop
            }
        }
    }
}
