package io.tollgate.app.command;

import io.tollgate.app.cli.Table;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.QueueName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** What runs attempts. */
@Command(
        name = "backends",
        description = "Shows what runs jobs.",
        subcommands = {BackendsCommand.ListBackends.class})
public final class BackendsCommand extends CommandGroup {
    private record BackendDocument(
            BackendId id,
            String type,
            List<QueueName> queues,
            int slots,
            int running,
            Optional<String> url,
            List<JobId> jobs) {}

    private record Document(List<BackendDocument> backends) {}

    /** As they are configured, and what runs on them as the database has it. */
    @Command(name = "list", description = "Lists the configured backends and what runs on them.")
    static final class ListBackends extends LocalCommand {
        @Override
        protected void execute() {
            TollgateConfig config = quietConfig().config();
            try (ServiceContainer container = open(config, Access.READ)) {
                List<Attempt> running = container.jobs().running();
                Table table = new Table("backend", "type", "queues", "slots", "running", "url");
                List<BackendDocument> documents = new ArrayList<>();
                for (Map.Entry<BackendId, TollgateConfig.Backend> each : new TreeMap<>(config.backends()).entrySet()) {
                    BackendId id = each.getKey();
                    TollgateConfig.Backend backend = each.getValue();
                    List<QueueName> queues = config.queues().keySet().stream()
                            .filter(queue -> config.backendsOf(queue).contains(id))
                            .sorted()
                            .toList();
                    List<JobId> jobs = running.stream()
                            .filter(attempt -> attempt.backend().equals(id))
                            .map(Attempt::job)
                            .toList();
                    Optional<String> url = backend.url().map(String::valueOf);
                    String type = backend.type().word();
                    table.row(
                            id,
                            type,
                            queues.stream().map(QueueName::value).collect(Collectors.joining(", ")),
                            backend.slots(),
                            jobs.size(),
                            url.orElse(
                                    backend.type().equals(TollgateConfig.BackendType.WORKER)
                                            ? "workers come by themselves"
                                            : "in this process"));
                    documents.add(new BackendDocument(id, type, queues, backend.slots(), jobs.size(), url, jobs));
                }
                output().result(new Document(documents), table);
            }
        }
    }
}
