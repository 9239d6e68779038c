package io.tollgate.app.container;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.multibindings.Multibinder;
import com.google.inject.multibindings.OptionalBinder;
import com.google.inject.multibindings.ProvidesIntoMap;
import com.google.inject.multibindings.ProvidesIntoSet;
import com.google.inject.multibindings.StringMapKey;
import io.tollgate.app.catalog.WorkerRecipes;
import io.tollgate.app.config.ConfigException;
import io.tollgate.app.config.Problem;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.comfyui.CallWatcher;
import io.tollgate.comfyui.ComfyBackend;
import io.tollgate.comfyui.ComfySettings;
import io.tollgate.comfyui.ComfyWorkflow;
import io.tollgate.java2d.Java2dBackend;
import io.tollgate.java2d.Java2dLimits;
import io.tollgate.java2d.ThumbnailProcessor;
import io.tollgate.java2d.WatermarkProcessor;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.delivery.MediaProcessor;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.pull.PullBackend;
import io.tollgate.queue.pull.PullSettings;
import io.tollgate.queue.pull.PullWatcher;
import io.tollgate.queue.pull.RunTokens;
import io.tollgate.sql.SqliteDatabase;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Binds the configured backends, each made by the {@link BackendFactory} of its type, and what finishes outputs. Brings
 * the embedded renderer; other types are added to the map by other modules.
 */
final class BackendsModule extends AbstractModule {
    private static final int THUMBNAIL_SIDE = 320;

    /** The backends, in the order of their names. */
    record Configured(List<GenerationBackend> backends) {}

    @Override
    protected void configure() {
        MapBinder.newMapBinder(binder(), String.class, BackendFactory.class);
        Multibinder.newSetBinder(binder(), MediaProcessor.class);
        OptionalBinder.newOptionalBinder(binder(), BackendCalls.class)
                .setDefault()
                .toInstance(id -> CallWatcher.NONE);
        OptionalBinder.newOptionalBinder(binder(), PullWatcher.class)
                .setDefault()
                .toInstance(PullWatcher.NONE);
    }

    @ProvidesIntoMap
    @StringMapKey(Java2dBackend.TYPE)
    @Singleton
    BackendFactory embedded(Threads threads) {
        return (id, config, queues, folder) ->
                new Java2dBackend(id, queues, config.slots(), folder, threads.renders(), Java2dLimits.DEFAULT);
    }

    @ProvidesIntoMap
    @StringMapKey(ComfyWorkflow.TYPE)
    @Singleton
    BackendFactory comfyui(Threads threads, InstantSource clock, BackendCalls calls) {
        return (id, config, queues, folder) -> new ComfyBackend(
                id,
                ComfySettings.of(config.url().orElseThrow())
                        .withQueues(queues)
                        .withTags(Set.copyOf(config.tags()))
                        .withSlots(config.slots(), config.prefetch())
                        .withConnections(config.connections())
                        .withHeaders(config.authorization()
                                .map(secret -> Map.of("Authorization", secret.reveal()))
                                .orElseGet(Map::of)),
                threads.remote(),
                threads.work(),
                clock,
                calls.watcher(id));
    }

    @ProvidesIntoMap
    @StringMapKey(PullBackend.TYPE)
    @Singleton
    BackendFactory workers(ServerSecret secret, Threads threads, InstantSource clock, PullWatcher watcher) {
        RunTokens tokens = new RunTokens(secret.derive("worker runs"));
        return (id, config, queues, folder) -> new PullBackend(
                id,
                queues,
                Set.copyOf(config.tags()),
                new PullSettings(config.slots(), config.lease()),
                new PullBackend.Tools(tokens, WorkerRecipes::graph, threads.work(), clock, watcher));
    }

    @ProvidesIntoSet
    @Singleton
    MediaProcessor watermark() {
        return new WatermarkProcessor(WatermarkProcessor.DEFAULT_TEXT, Java2dLimits.DEFAULT);
    }

    @ProvidesIntoSet
    @Singleton
    MediaProcessor thumbnail() {
        return new ThumbnailProcessor(THUMBNAIL_SIDE, Java2dLimits.DEFAULT);
    }

    /**
     * @param database opened before any backend is made, because one may clear its folder, which others may be using
     */
    @Provides
    @Singleton
    @SuppressWarnings("UnusedVariable") // that it is there is what counts
    Configured backends(
            TollgateConfig config, Access access, Map<String, BackendFactory> factories, SqliteDatabase database) {
        List<GenerationBackend> backends = new ArrayList<>();
        try {
            for (Map.Entry<BackendId, TollgateConfig.Backend> each : new TreeMap<>(config.backends()).entrySet()) {
                make(config, access, each.getKey(), each.getValue(), factories).ifPresent(backends::add);
            }
        } catch (RuntimeException e) {
            backends.forEach(GenerationBackend::close);
            throw e;
        }
        return new Configured(List.copyOf(backends));
    }

    private static Optional<GenerationBackend> make(
            TollgateConfig config,
            Access access,
            BackendId id,
            TollgateConfig.Backend backend,
            Map<String, BackendFactory> factories) {
        String type = backend.type().word();
        Optional<Set<QueueName>> queues = Policies.queues(config, id);
        if (queues.isEmpty()) {
            return Optional.empty(); // the configuration warned of it
        }
        if (access == Access.READ) {
            Capabilities listed = new Capabilities(type, queues.get(), new HashSet<>(backend.tags()));
            return Optional.of(new ListedBackend(id, listed, backend.slots()));
        }
        BackendFactory factory = factories.get(type);
        if (factory == null) {
            throw new ConfigException(List.of(new Problem(
                    "backends." + id + ".type",
                    "this program was put together without '" + type + "'; it has " + factories.keySet())));
        }
        Path folder = config.dataDir().resolve("backends").resolve(id.value());
        return Optional.of(factory.make(id, backend, queues.get(), folder));
    }
}
