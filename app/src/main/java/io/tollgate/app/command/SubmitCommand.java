package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Progress;
import io.tollgate.app.container.Access;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.workflow.InputSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks for one job. */
@Command(name = "submit", description = "Submits a job; with --watch waits for its end.")
public final class SubmitCommand extends SiteCommand {
    @Parameters(
            arity = "1",
            paramLabel = "WORKFLOW",
            description = "A workflow of the catalogue, or @FILE for a ComfyUI graph in API format.")
    private String workflow = "";

    @Option(
            names = {"-i", "--input"},
            paramLabel = "NAME=VALUE",
            description = "An input; NAME=@FILE brings a file, several with commas between.")
    private Map<String, String> inputs = new LinkedHashMap<>();

    @Option(
            names = "--watch",
            description =
                    "Follow the job to its end, and exit with 1 unless it succeeds; on a data directory the workers"
                            + " run here until then.")
    private boolean watch;

    @Option(names = "--out", paramLabel = "DIR", description = "With --watch: copy the outputs there.")
    private @Nullable Path out;

    @Option(
            names = "--idempotency-key",
            paramLabel = "KEY",
            description = "The same key and request give the same job back.")
    private @Nullable String key;

    @Option(names = "--dry-run", description = "Only ask what it would cost: prints a quote, and submits nothing.")
    private boolean dryRun;

    @Option(
            names = "--quote",
            paramLabel = "ID",
            description = "Submit at no more than the price of this quote; it must be for the same request.")
    private @Nullable String quote;

    @Option(
            names = "--priority",
            paramLabel = "N",
            defaultValue = "0",
            description = "Within the lane; higher goes first (default: 0).")
    private int priority;

    @Option(names = "--tag", paramLabel = "TAG", description = "A word to find the job again by.")
    private List<String> tags = new ArrayList<>();

    @Override
    protected void execute() {
        if (out != null && !watch) {
            throw new CommandFailed("--out needs --watch: there are no outputs yet when a job is only queued");
        }
        if (dryRun && (watch || quote != null || key != null)) {
            throw new CommandFailed("--dry-run submits nothing: leave --watch, --quote and --idempotency-key out");
        }
        Order order = order();
        order.files().values().forEach(paths -> paths.forEach(InputFiles::check));
        try (Site site = site(Access.WRITE)) {
            if (dryRun) {
                Doc price = site.quote(order);
                output().result(price.node(), JobText.quote(price));
                return;
            }
            Doc job = submitted(site, order);
            JobId id = jobId(job.needed("id"));
            if (watch) {
                followed(site, id, Optional.ofNullable(out));
            } else {
                output().result(job.node(), JobText.lines(job));
                output().say(site.waitingFor(id));
            }
        }
    }

    private Doc submitted(Site site, Order order) {
        try (Progress progress = progress()) {
            return site.submit(order, progress);
        }
    }

    private Order order() {
        Optional<String> graph = Optional.empty();
        if (workflow.startsWith("@")) {
            if (!inputs.isEmpty()) {
                throw new CommandFailed("a graph of your own takes no inputs: it says everything itself");
            }
            graph = Optional.of(InputFiles.text(Path.of(workflow.substring(1)), InputSpec.Graph.MAX_LENGTH));
        }
        Map<String, String> typed = new LinkedHashMap<>();
        Map<String, List<Path>> files = new LinkedHashMap<>();
        inputs.forEach((name, value) -> {
            if (value.startsWith("@")) {
                List<Path> paths = new ArrayList<>();
                for (String part : value.split(",", -1)) {
                    paths.add(Path.of(part.startsWith("@") ? part.substring(1) : part));
                }
                files.put(name, paths);
            } else {
                typed.put(name, value);
            }
        });
        return new Order(
                workflow, typed, files, graph, Optional.ofNullable(key), Optional.ofNullable(quote), priority, tags);
    }
}
