package io.tollgate.app.command;

import io.tollgate.app.catalog.RawWorkflow;
import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Progress;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.ledger.Quote;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.http.QuoteDocument;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.QuoteView;
import io.tollgate.queue.RefusedException;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.Receipt;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.media.Uploaded;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.RawInput;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks for one job. */
@Command(name = "submit", description = "Submits a job; with --watch also runs it and waits for its end.")
public final class SubmitCommand extends LocalCommand {
    private static final Duration MEET_WITHIN = Duration.ofSeconds(5);

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

    @Option(names = "--watch", description = "Run the workers here until the job ends; exit 1 unless it succeeds.")
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
        if (workflow.startsWith("@")) {
            bringGraph(Path.of(workflow.substring(1)));
        }
        Map<String, List<Path>> files = files();
        files.values().forEach(paths -> paths.forEach(InputFiles::check));
        try (ServiceContainer container = open(Access.WRITE)) {
            container.closeOnSignal(() -> {});
            meetBackends(container);
            if (dryRun) {
                quote(container, files);
                return;
            }
            JobHandle handle = submit(container, files);
            if (watch) {
                container.work();
                watch(container, handle);
            } else {
                Shown.job(output(), container, handle.id());
                output().say("It waits for a server on this directory: tollgate serve"
                        + namedData().map(data -> " --data " + data).orElse(""));
            }
        }
    }

    /** So that what no backend has is refused now, and not waited for. One that is down may have anything. */
    private static void meetBackends(ServiceContainer container) {
        try {
            container
                    .tollgate()
                    .operations()
                    .registry()
                    .met()
                    .toCompletableFuture()
                    .get(MEET_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            // it is given the benefit of the doubt
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted", e);
        }
    }

    /** Submits what is in a file in place of what the catalogue names. */
    private void bringGraph(Path file) {
        if (!inputs.isEmpty()) {
            throw new CommandFailed("a graph of your own takes no inputs: it says everything itself");
        }
        workflow = RawWorkflow.NAME.value();
        inputs.put(RawWorkflow.INPUT, InputFiles.text(file, InputSpec.Graph.MAX_LENGTH));
    }

    private Map<String, List<Path>> files() {
        Map<String, List<Path>> files = new LinkedHashMap<>();
        inputs.forEach((name, value) -> {
            if (value.startsWith("@")) {
                List<Path> paths = new ArrayList<>();
                for (String part : value.split(",", -1)) {
                    paths.add(Path.of(part.startsWith("@") ? part.substring(1) : part));
                }
                files.put(name, paths);
            }
        });
        return files;
    }

    private JobHandle submit(ServiceContainer container, Map<String, List<Path>> files) {
        Tollgate tollgate = container.tollgate();
        checkFileInputs(tollgate, files);
        List<AssetId> added = new ArrayList<>();
        boolean accepted = false;
        try {
            JobRequest request = request(tollgate, files, added);
            if (key != null) {
                request = request.withIdempotencyKey(key);
            }
            if (quote != null) {
                request = request.under(quoteId(quote));
            }
            JobHandle handle = tollgate.submit(request);
            accepted = true;
            return handle;
        } catch (RefusedException e) {
            throw refused(e);
        } finally {
            if (!accepted) {
                forget(container, added);
            }
        }
    }

    private JobRequest request(Tollgate tollgate, Map<String, List<Path>> files, List<AssetId> added) {
        JobRequest request =
                JobRequest.of(user(), workflow).withPriority(priority).withTags(tags);
        for (Map.Entry<String, String> input : inputs.entrySet()) {
            List<Path> paths = files.get(input.getKey());
            request = paths == null
                    ? request.with(input.getKey(), input.getValue())
                    : request.with(input.getKey(), stored(tollgate, paths, added));
        }
        return request;
    }

    private static QuoteId quoteId(String text) {
        try {
            return new QuoteId(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("not the id of a quote: '" + text + "'", e);
        }
    }

    /** Asks for the price. The files are only needed to say what is asked. */
    private void quote(ServiceContainer container, Map<String, List<Path>> files) {
        Tollgate tollgate = container.tollgate();
        checkFileInputs(tollgate, files);
        List<AssetId> added = new ArrayList<>();
        try {
            QuoteView view = tollgate.quote(List.of(request(tollgate, files, added)));
            output().result(QuoteDocument.of(view), quoteLines(view));
        } catch (RefusedException e) {
            throw refused(e);
        } finally {
            forget(container, added);
        }
    }

    /** Finds the wrong type before the file is stored. */
    private void checkFileInputs(Tollgate tollgate, Map<String, List<Path>> files) {
        Optional<Workflow> known = name().flatMap(tollgate.catalogue()::find);
        if (known.isEmpty()) {
            // what is refused without any file is refused as well with it
            tollgate.check(JobRequest.of(user(), workflow))
                    .filter(Refusal.UnknownWorkflow.class::isInstance)
                    .ifPresent(refusal -> {
                        throw refused(refusal);
                    });
            return;
        }
        for (InputSpec input : known.get().inputs()) {
            if (files.containsKey(input.name()) && input.kind() != InputSpec.Kind.FILES) {
                throw new CommandFailed("inputs." + input.name() + " is of type " + input.type()
                        + " and takes no file; leave the @ out");
            }
        }
    }

    private Optional<WorkflowName> name() {
        try {
            return Optional.of(new WorkflowName(workflow));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private RawInput stored(Tollgate tollgate, List<Path> paths, List<AssetId> added) {
        List<AssetId> ids = new ArrayList<>();
        for (Path path : paths) {
            Uploaded uploaded = InputFiles.add(tollgate, user(), path);
            if (uploaded.isNew()) {
                added.add(uploaded.asset().id()); // what was there before is not forgotten with a refused request
            }
            ids.add(uploaded.asset().id());
        }
        return ids.size() == 1 ? new RawInput.AssetRef(ids.get(0)) : new RawInput.AssetRefs(ids);
    }

    private static void forget(ServiceContainer container, List<AssetId> added) {
        for (AssetId id : added) {
            try {
                container.media().delete(id);
            } catch (IOException e) {
                LoggerFactory.getLogger(SubmitCommand.class)
                        .atWarn()
                        .setMessage("file of a refused request is left")
                        .addKeyValue("asset", id)
                        .addKeyValue("problem", e.toString())
                        .log();
            }
        }
    }

    private void watch(ServiceContainer container, JobHandle handle) {
        JobRecord record;
        try (Progress progress = progress()) {
            record = await(Following.follow(handle, progress.track(workflow)));
        }
        Map<AssetId, String> urls = new HashMap<>();
        if (out != null) {
            String base = workflow + "-" + handle.id().toString().substring(24);
            OutputFiles.copy(container.media(), record, out, base)
                    .forEach((id, copy) -> urls.put(id, copy.toUri().toString()));
        }
        Shown.job(output(), container, handle.id(), urls);
        Shown.requireSuccess(record);
    }

    private static List<String> quoteLines(QuoteView view) {
        Quote quote = view.quote();
        List<String> lines = new ArrayList<>();
        lines.add("quote      " + quote.id() + ", binds until " + Words.time(quote.expiresAt()) + " UTC, once");
        lines.add("price      " + quote.net() + " of " + quote.list());
        for (Quote.Line line : quote.lines()) {
            String story = Receipt.story(line.price());
            if (!story.isEmpty()) {
                lines.add("           " + story);
            }
        }
        lines.add("available  " + view.available() + (view.sufficientCredits() ? ", enough" : ", not enough"));
        lines.add("lane       " + view.lanes().get(0).word());
        view.estimatedStartAt().ifPresent(at -> lines.add("starts     about " + Words.time(at) + " UTC"));
        view.estimatedCompletedAt().ifPresent(at -> lines.add("ends       about " + Words.time(at) + " UTC"));
        return lines;
    }
}
