package io.tollgate.app.command;

import com.google.inject.Module;
import io.tollgate.app.config.LoadedConfig;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.HttpModule;
import io.tollgate.app.container.MetricsModule;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.app.container.TracingModule;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.workflow.Workflow;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Takes jobs over HTTP and runs them until it is asked to stop. */
@Command(
        name = "serve",
        description = "Serves the HTTP API and runs jobs until it is stopped; running attempts get a grace then.")
public final class ServeCommand extends LocalCommand {
    private static final UserId ADMIN = new UserId("admin");

    @Option(names = "--port", paramLabel = "N", description = "The port to listen at; 0 takes any free one.")
    private @Nullable Integer port;

    /** @param adminKey shown at the first start only */
    private record Document(
            String node,
            URI url,
            String data,
            List<String> workflows,
            List<BackendId> backends,
            List<String> queues,
            Optional<String> adminKey) {}

    @Override
    protected void execute() throws InterruptedException {
        LoadedConfig loaded = port == null ? config() : config(Map.of("http.port", String.valueOf(port)));
        TollgateConfig config = loaded.config();
        try (ServiceContainer container = ServiceContainer.open(config, Access.WORK, commandName(), modules(config))) {
            container.closeOnSignal(() -> {});
            show(config, container);
            new CountDownLatch(1).await(); // until a signal ends the process
        }
    }

    private static Module[] modules(TollgateConfig config) {
        List<Module> modules = new ArrayList<>(List.of(new HttpModule()));
        if (config.metrics()) {
            modules.add(new MetricsModule());
        }
        config.tracing().endpoint().map(TracingModule::new).ifPresent(modules::add);
        return modules.toArray(Module[]::new);
    }

    private void show(TollgateConfig config, ServiceContainer container) {
        List<String> workflows = container.tollgate().catalogue().all().stream()
                .map(Workflow::name)
                .map(String::valueOf)
                .sorted()
                .toList();
        List<BackendId> backends = config.backends().keySet().stream().sorted().toList();
        List<String> queues =
                config.queues().keySet().stream().map(String::valueOf).sorted().toList();
        String data = ServiceContainer.databaseDirectory(config)
                .toAbsolutePath()
                .normalize()
                .toString();
        URI url = container.http().url();
        Optional<String> key = adminKey(container.keys());
        List<String> lines = new ArrayList<>(List.of(
                "Tollgate serves " + url + " and runs jobs as node " + config.node() + "; Ctrl-C stops it.",
                "  data       " + data,
                "  workflows  " + String.join(", ", workflows),
                "  queues     " + String.join(", ", queues),
                "  backends   " + backends.stream().map(BackendId::value).collect(Collectors.joining(", "))));
        key.ifPresent(secret -> lines.add("  admin key  " + secret + "  (shown this once; keep it)"));
        output().result(new Document(config.node().value(), url, data, workflows, backends, queues, key), lines);
    }

    /** Whoever starts a server for the first time must be able to get in. */
    private static Optional<String> adminKey(Keys keys) {
        boolean there = keys.list(Optional.of(ADMIN)).stream().anyMatch(key -> key.allows(Scope.ADMIN));
        return there || !keys.list(Optional.empty()).isEmpty()
                ? Optional.empty()
                : Optional.of(keys.create(ADMIN, EnumSet.allOf(Scope.class), Optional.empty(), "first start")
                        .secret());
    }
}
