package io.tollgate.app.command;

import io.tollgate.app.config.LoadedConfig;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.workflow.Workflow;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** Runs jobs until it is asked to stop. */
@Command(
        name = "serve",
        description = "Runs the jobs of a data directory until it is stopped; running attempts get a grace then.")
public final class ServeCommand extends LocalCommand {
    private record Document(
            String node, String data, List<String> workflows, List<BackendId> backends, List<String> queues) {}

    @Override
    protected void execute() throws InterruptedException {
        LoadedConfig loaded = config();
        TollgateConfig config = loaded.config();
        try (ServiceContainer container = ServiceContainer.open(config, Access.WORK, commandName())) {
            container.closeOnSignal(() -> {});
            List<String> workflows = container.tollgate().catalogue().all().stream()
                    .map(Workflow::name)
                    .map(String::valueOf)
                    .sorted()
                    .toList();
            List<BackendId> backends =
                    config.backends().keySet().stream().sorted().toList();
            List<String> queues = config.queues().keySet().stream()
                    .map(String::valueOf)
                    .sorted()
                    .toList();
            String data = ServiceContainer.databaseDirectory(config)
                    .toAbsolutePath()
                    .normalize()
                    .toString();
            output().result(
                            new Document(config.node().value(), data, workflows, backends, queues),
                            List.of(
                                    "Tollgate runs jobs as node " + config.node() + "; Ctrl-C stops it.",
                                    "  data       " + data,
                                    "  workflows  " + String.join(", ", workflows),
                                    "  queues     " + String.join(", ", queues),
                                    "  backends   "
                                            + backends.stream()
                                                    .map(BackendId::value)
                                                    .collect(Collectors.joining(", "))));
            new CountDownLatch(1).await(); // until a signal ends the process
        }
    }
}
