package io.tollgate.app.command;

import io.tollgate.app.catalog.CatalogFiles;
import io.tollgate.app.catalog.ManifestDraft;
import io.tollgate.app.catalog.RawWorkflow;
import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.DisplayText;
import io.tollgate.app.cli.Table;
import io.tollgate.app.cli.TollgateCommand;
import io.tollgate.app.config.Problem;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.comfyui.WorkflowImport;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import io.tollgate.queue.workflow.Nearest;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The catalogue: what there is, whether it is right, and how more gets into it. */
@Command(
        name = "workflows",
        description = "Shows, checks and imports workflows.",
        subcommands = {
            WorkflowsCommand.ListWorkflows.class,
            WorkflowsCommand.Show.class,
            WorkflowsCommand.Check.class,
            WorkflowsCommand.Import.class
        })
public final class WorkflowsCommand extends CommandGroup {
    private record WorkflowDocument(
            WorkflowName workflow,
            String title,
            String description,
            QueueName queue,
            ModelName model,
            Amount price,
            boolean free,
            Optional<Integer> dailyQuota,
            List<String> backends,
            int outputs,
            Duration timeout) {
        static WorkflowDocument of(Workflow workflow) {
            return new WorkflowDocument(
                    workflow.name(),
                    workflow.title(),
                    workflow.description(),
                    workflow.queue(),
                    workflow.model(),
                    workflow.tariff().list(),
                    workflow.tariff().free(),
                    workflow.tariff().quota().map(DailyQuota::perDay),
                    WorkflowWords.kinds(workflow),
                    workflow.outputs(),
                    workflow.timeout());
        }
    }

    private record InputDocument(
            String input, String type, String label, boolean required, Optional<String> defaultValue, String allowed) {
        static InputDocument of(InputSpec input) {
            return new InputDocument(
                    input.name(),
                    input.type(),
                    input.label(),
                    input.required(),
                    WorkflowWords.preset(input),
                    WorkflowWords.allowed(input));
        }
    }

    private record ListDocument(List<WorkflowDocument> workflows) {}

    private record ShowDocument(WorkflowDocument workflow, List<InputDocument> inputs) {}

    private record ProblemDocument(String place, String problem) {}

    private record CheckDocument(boolean ok, List<WorkflowName> workflows, List<ProblemDocument> problems) {}

    private record ImportDocument(
            WorkflowName workflow,
            Path manifest,
            Path graph,
            List<String> inputs,
            List<String> outputs,
            List<String> models,
            List<String> notes) {}

    /** What they have in common. */
    abstract static class OfWorkflows extends TollgateCommand {
        /** The catalogue as a server with this configuration would have it. */
        final List<Workflow> catalogue() {
            return RawWorkflow.withCatalogue(quietConfig().config()).load();
        }
    }

    /** All of them. */
    @Command(name = "list", description = "Lists the workflows of the catalogue.")
    static final class ListWorkflows extends OfWorkflows {
        @Override
        protected void execute() {
            List<Workflow> workflows = catalogue();
            Table table = new Table("workflow", "title", "queue", "model", "price", "backends");
            workflows.forEach(workflow -> table.row(
                    workflow.name(),
                    workflow.title(),
                    workflow.queue(),
                    workflow.model(),
                    WorkflowWords.price(workflow),
                    String.join(", ", WorkflowWords.kinds(workflow))));
            output().result(
                            new ListDocument(
                                    workflows.stream().map(WorkflowDocument::of).toList()),
                            table);
        }
    }

    /** One of them. */
    @Command(name = "show", description = "Shows a workflow and what it asks for.")
    static final class Show extends OfWorkflows {
        @Parameters(arity = "1", paramLabel = "NAME", description = "The workflow.")
        private String name = "";

        @Override
        protected void execute() {
            List<Workflow> workflows = catalogue();
            Workflow workflow = workflows.stream()
                    .filter(each -> each.name().value().equals(name))
                    .findFirst()
                    .orElseThrow(() -> unknown(workflows));
            List<String> lines = new ArrayList<>();
            lines.add(workflow.name() + ": " + DisplayText.printable(workflow.title()));
            if (!workflow.description().isBlank()) {
                lines.add(DisplayText.printable(workflow.description()));
            }
            lines.add("queue " + workflow.queue() + ", model " + workflow.model() + ", price "
                    + WorkflowWords.price(workflow) + ", runs on " + String.join(", ", WorkflowWords.kinds(workflow)));
            lines.add("");
            Table table = new Table("input", "type", "required", "default", "allowed", "label");
            workflow.inputs()
                    .forEach(input -> table.row(
                            input.name(),
                            input.type(),
                            input.required() ? "yes" : "no",
                            WorkflowWords.preset(input).orElse(""),
                            WorkflowWords.allowed(input),
                            input.label()));
            lines.addAll(table.lines());
            output().result(
                            new ShowDocument(
                                    WorkflowDocument.of(workflow),
                                    workflow.inputs().stream()
                                            .map(InputDocument::of)
                                            .toList()),
                            lines);
        }

        private CommandFailed unknown(List<Workflow> workflows) {
            List<String> names = workflows.stream()
                    .map(Workflow::name)
                    .map(WorkflowName::value)
                    .toList();
            return new CommandFailed("there is no workflow '" + DisplayText.printable(name) + "'"
                    + Nearest.of(name, names)
                            .map(near -> "; did you mean " + near + "?")
                            .orElse("; 'tollgate workflows list' shows them"));
        }
    }

    /** Whether they are right. */
    @Command(
            name = "check",
            description = "Looks for everything that is wrong with workflows: those of the configuration, of a"
                    + " directory, or one file.")
    static final class Check extends OfWorkflows {
        @Parameters(arity = "0..1", paramLabel = "DIR|FILE", description = "What is checked.")
        private @Nullable Path path;

        @Override
        protected void execute() {
            TollgateConfig config = quietConfig().config();
            if (path != null && !Files.exists(path)) {
                throw new CommandFailed("there is no " + path);
            }
            CatalogFiles.Reading reading = path != null
                    ? CatalogFiles.read(path, config.dispatch().retry())
                    : new CatalogFiles(
                                    Optional.of(config.workflowsDir()),
                                    config.dispatch().retry())
                            .read();
            List<Problem> problems = reading.problems();
            List<String> lines = new ArrayList<>();
            problems.forEach(problem -> lines.add(DisplayText.printable(problem.toString())));
            if (problems.isEmpty()) {
                int count = reading.workflows().size();
                lines.add(count + (count == 1 ? " workflow is" : " workflows are") + " right");
            }
            output().result(
                            new CheckDocument(
                                    problems.isEmpty(),
                                    reading.workflows().stream()
                                            .map(Workflow::name)
                                            .toList(),
                                    problems.stream()
                                            .map(problem -> new ProblemDocument(problem.place(), problem.text()))
                                            .toList()),
                            lines);
            if (!problems.isEmpty()) {
                throw new CommandFailed(
                        problems.size() + (problems.size() == 1 ? " thing is" : " things are") + " to be fixed");
            }
        }
    }

    /** One from ComfyUI. */
    @Command(
            name = "import",
            description = "Proposes a workflow from a graph that was exported from ComfyUI by Export (API): writes"
                    + " NAME.conf and NAME.json. Overwrites nothing.")
    static final class Import extends OfWorkflows {
        private static final int LONGEST = 1 << 20;

        @Parameters(arity = "1", paramLabel = "FILE", description = "The exported graph.")
        private Path file = Path.of("");

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "What it shall be called (default: like the file).")
        private @Nullable String name;

        @Option(
                names = "--out",
                paramLabel = "DIR",
                description = "Where it is written (default: workflows.dir of the configuration).")
        private @Nullable Path out;

        @Override
        protected void execute() {
            TollgateConfig config = quietConfig().config();
            WorkflowName called = called();
            String graph = read();
            WorkflowImport proposal;
            try {
                proposal = WorkflowImport.propose(graph);
            } catch (InvalidWorkflowException e) {
                throw new CommandFailed(
                        file + ": " + String.valueOf(e.getMessage()).replace("\n", "; "), e);
            }
            Path directory = out == null ? config.workflowsDir() : out;
            Path manifest = directory.resolve(called + ".conf");
            Path beside = directory.resolve(called + ".json");
            write(directory, manifest, beside, graph, ManifestDraft.text(called, called + ".json", proposal));
            List<Problem> problems =
                    CatalogFiles.read(manifest, config.dispatch().retry()).problems();
            List<String> notes = new ArrayList<>(proposal.notes());
            problems.forEach(problem -> notes.add(problem.toString()));
            List<String> inputs =
                    proposal.inputs().stream().map(input -> input.spec().name()).toList();
            List<String> lines = new ArrayList<>();
            lines.add("wrote " + manifest + " and " + beside);
            lines.add("asks for " + (inputs.isEmpty() ? "nothing" : String.join(", ", inputs)));
            notes.forEach(note -> lines.add("note: " + DisplayText.printable(note)));
            lines.add("look over title, queue, model and price; then: tollgate workflows check " + manifest);
            output().result(
                            new ImportDocument(
                                    called,
                                    manifest,
                                    beside,
                                    inputs,
                                    List.copyOf(new TreeSet<>(proposal.outputs())),
                                    List.copyOf(new TreeSet<>(proposal.models())),
                                    notes),
                            lines);
            if (!problems.isEmpty()) {
                throw new CommandFailed("what was written is still to be fixed by hand");
            }
        }

        private WorkflowName called() {
            String stem = file.getFileName() == null ? "" : file.getFileName().toString();
            String wanted = name != null
                    ? name
                    : stem.replaceFirst("\\.[^.]*$", "")
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^a-z0-9._-]+", "-")
                            .replaceAll("^[^a-z0-9]+|[^a-z0-9]+$", "");
            try {
                return new WorkflowName(wanted);
            } catch (IllegalArgumentException e) {
                throw new CommandFailed(e.getMessage() + "; name it with --name, in 1 to 64 of a-z 0-9 . _ -", e);
            }
        }

        private String read() {
            try (InputStream stream = Files.newInputStream(file)) {
                byte[] bytes = stream.readNBytes(LONGEST + 1);
                if (bytes.length > LONGEST) {
                    throw new CommandFailed(file + " is larger than " + LONGEST + " bytes");
                }
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new CommandFailed(file + " is no UTF-8", e);
            } catch (IOException e) {
                throw new CommandFailed(file + " can't be read: " + e, e);
            }
        }

        /** The graph first, so that who sees the manifest finds it. What was written of half a pair is taken back. */
        private static void write(Path directory, Path manifest, Path beside, String graph, String text) {
            for (Path target : List.of(manifest, beside)) {
                if (Files.exists(target)) {
                    throw new CommandFailed(
                            target + " is there already, and nothing is overwritten; choose another --name");
                }
            }
            try {
                Files.createDirectories(directory);
                Files.writeString(beside, graph, StandardOpenOption.CREATE_NEW);
                try {
                    Files.writeString(manifest, text, StandardOpenOption.CREATE_NEW);
                } catch (IOException e) {
                    Files.delete(beside);
                    throw e;
                }
            } catch (FileAlreadyExistsException e) {
                throw new CommandFailed(e.getFile() + " is there already, and nothing is overwritten", e);
            } catch (IOException e) {
                throw new CommandFailed("can't be written: " + e, e);
            }
        }
    }
}
