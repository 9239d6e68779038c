package io.tollgate.app.container;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.OptionalBinder;
import com.google.inject.name.Named;
import io.tollgate.app.catalog.RawWorkflow;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.workflow.WorkflowSource;
import java.time.InstantSource;

/** Binds the configuration and what follows from it alone. */
final class ConfigModule extends AbstractModule {
    private final TollgateConfig config;
    private final Access access;
    private final Lifecycle lifecycle;

    ConfigModule(TollgateConfig config, Access access, Lifecycle lifecycle) {
        this.config = config;
        this.access = access;
        this.lifecycle = lifecycle;
    }

    @Override
    protected void configure() {
        binder().requireExplicitBindings();
        bind(TollgateConfig.class).toInstance(config);
        bind(Access.class).toInstance(access);
        bind(Lifecycle.class).toInstance(lifecycle);
        OptionalBinder.newOptionalBinder(binder(), ServiceContainer.WALL_CLOCK)
                .setDefault()
                .toInstance(InstantSource.system());
    }

    @Provides
    @Singleton
    InstantSource clock(@Named(ServiceContainer.WALL) InstantSource wall) {
        return new SteadyClock(wall, System::nanoTime);
    }

    @Provides
    @Singleton
    JobPolicy jobPolicy() {
        return Policies.jobs(config);
    }

    @Provides
    @Singleton
    WorkflowSource workflows() {
        return RawWorkflow.withCatalogue(config);
    }

    @Provides
    @Singleton
    Threads threads() {
        Threads threads = Threads.start();
        lifecycle.add(threads.service());
        return threads;
    }
}
