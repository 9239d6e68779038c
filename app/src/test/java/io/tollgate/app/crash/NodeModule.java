package io.tollgate.app.crash;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.multibindings.Multibinder;
import com.google.inject.multibindings.OptionalBinder;
import io.tollgate.app.container.BackendFactory;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.job.JobStore;
import io.tollgate.sql.SqliteStore;
import java.time.InstantSource;

/**
 * What an embedder's module looks like: brings a kind of backend, somebody who listens, the time, and a store around
 * the program's own.
 */
final class NodeModule extends AbstractModule {
    private final JobListener listener;
    private final InstantSource clock;
    private final Halts halts;

    NodeModule(JobListener listener, InstantSource clock, Halts halts) {
        this.listener = listener;
        this.clock = clock;
        this.halts = halts;
    }

    @Override
    protected void configure() {
        BackendFactory surviving = (id, config, queues, folder) ->
                new HaltingBackend(new SurvivingBackend(id, config.url().orElseThrow(), config.slots()), halts);
        MapBinder.newMapBinder(binder(), String.class, BackendFactory.class)
                .addBinding(SurvivingBackend.TYPE)
                .toInstance(surviving);
        Multibinder.newSetBinder(binder(), JobListener.class).addBinding().toInstance(listener);
        OptionalBinder.newOptionalBinder(binder(), ServiceContainer.WALL_CLOCK)
                .setBinding()
                .toInstance(clock);
        OptionalBinder.newOptionalBinder(binder(), JobStore.class).setBinding().to(HaltingStore.class);
        OptionalBinder.newOptionalBinder(binder(), LedgerStore.class)
                .setBinding()
                .to(HaltingStore.class);
    }

    @Provides
    @Singleton
    HaltingStore halting(SqliteStore store) {
        return new HaltingStore(store, halts);
    }
}
