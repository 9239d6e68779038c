package io.tollgate.app.command;

import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Output;
import io.tollgate.app.cli.Progress;
import io.tollgate.app.cli.Table;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.AuditReport;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.http.AuditDocument;
import io.tollgate.http.JobDocument;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.RefusedException;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.UploadRequest;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows everything at once, on a store that is thrown away. */
@Command(
        name = "demo",
        description = "Runs a photo through all workflows on the embedded renderer, pays for it with credits, and"
                + " settles: no configuration, no server, no GPU.")
public final class DemoCommand extends LocalCommand {
    private static final UserId USER = new UserId("demo");
    private static final Amount GRANTED = Amount.credits(200);
    private static final String SAMPLE = "/io/tollgate/app/sample.jpg";
    private static final String SECONDS = "seconds"; // short films, so that nobody waits long

    @Parameters(
            arity = "0..1",
            paramLabel = "PHOTO",
            description = "A photo of yours: JPEG, PNG, GIF or WebP. Without it, a sample.")
    private @Nullable Path photo;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "tollgate-demo",
            description = "Where the outputs go (default: ./tollgate-demo).")
    private Path out = Path.of("tollgate-demo");

    /** What a program reads. */
    private record Document(
            String user,
            Amount granted,
            Amount available,
            Amount held,
            List<JobDocument> jobs,
            AuditDocument audit,
            Path directory) {}

    @Override
    protected void execute() throws IOException {
        if (photo != null) {
            InputFiles.check(photo);
        }
        Path directory = Files.createTempDirectory("tollgate-demo-");
        try {
            TollgateConfig config = ownConfig(Map.of(
                            "data-dir",
                            directory.toString(),
                            "database.url",
                            "jdbc:sqlite:" + directory.resolve("tollgate.db"),
                            "dispatch.stop-grace",
                            "1s"))
                    .config();
            try (ServiceContainer container = open(config, Access.WORK)) {
                container.closeOnSignal(() -> delete(directory));
                run(container);
            }
        } finally {
            delete(directory);
        }
    }

    private void run(ServiceContainer container) throws IOException {
        Tollgate tollgate = container.tollgate();
        Output output = output();
        await(tollgate.credits()
                .grant(USER, GrantSource.TRIAL, "demo", GRANTED, Optional.empty(), "demo", "to try Tollgate out"));
        Asset picture = picture(tollgate);
        output.say("Tollgate demo");
        output.say("");
        output.say("A photo goes through every workflow: each is priced, its credits are held, it waits in its lane,");
        output.say("runs on the embedded renderer, and is settled. No configuration, no server, no GPU.");
        output.say("");
        output.say("  photo    " + (photo == null ? "the bundled sample" : photo.toString()) + ", "
                + Words.bytes(picture.sizeBytes()));
        output.say("  credits  user demo was granted " + GRANTED);
        output.say("");

        Map<JobId, Workflow> workflows = new LinkedHashMap<>();
        List<JobRecord> ended = new ArrayList<>();
        try (Progress progress = progress()) {
            List<CompletableFuture<JobRecord>> results = new ArrayList<>();
            for (Workflow workflow : tollgate.catalogue().all()) {
                JobHandle handle = submit(tollgate, workflow, picture);
                workflows.put(handle.id(), workflow);
                results.add(Following.follow(
                        handle,
                        progress.track(workflow.name().value()),
                        record -> JobText.end(document(tollgate, record))));
            }
            results.forEach(result -> ended.add(await(result)));
        }

        AuditReport audit = tollgate.operations().audit();
        tell(container, workflows, ended, audit);
        long failed = ended.stream()
                .filter(record -> record.job().kind() != JobState.Kind.SUCCEEDED)
                .count();
        if (failed > 0) {
            throw new CommandFailed(failed + " of " + ended.size() + " jobs did not succeed");
        }
        if (!audit.clean()) {
            throw new CommandFailed("the audit found " + audit.findings().get(0));
        }
    }

    private Asset picture(Tollgate tollgate) throws IOException {
        if (photo != null) {
            return InputFiles.add(tollgate, USER, photo).asset();
        }
        try (InputStream sample = DemoCommand.class.getResourceAsStream(SAMPLE)) {
            if (sample == null) {
                throw new IllegalStateException("the program was put together without " + SAMPLE);
            }
            return tollgate.upload(USER, UploadRequest.named("sample.jpg"), sample)
                    .asset();
        }
    }

    private JobHandle submit(Tollgate tollgate, Workflow workflow, Asset picture) {
        JobRequest request = JobRequest.of(USER, workflow.name().value());
        for (InputSpec input : workflow.inputs()) {
            if (input.kind() == InputSpec.Kind.FILES && input.required()) {
                request = request.with(input.name(), picture.id());
            } else if (input.name().equals(SECONDS)) {
                request = request.with(SECONDS, 2);
            }
        }
        try {
            return tollgate.submit(request);
        } catch (RefusedException e) {
            throw new CommandFailed(e.refusal().message(), e);
        }
    }

    private void tell(
            ServiceContainer container, Map<JobId, Workflow> workflows, List<JobRecord> ended, AuditReport audit) {
        Tollgate tollgate = container.tollgate();
        Instant now = container.clock().instant();
        List<JobDocument> documents = new ArrayList<>();
        Table table =
                new Table("workflow", "result", "price", "held", "captured", "released", "balance", "took", "output");
        Amount balance = GRANTED;
        List<JobRecord> settled = ended.stream()
                .sorted(Comparator.comparing(record -> record.job().endedAt().orElse(now)))
                .toList();
        for (JobRecord record : settled) {
            Workflow workflow =
                    java.util.Objects.requireNonNull(workflows.get(record.job().id()));
            Map<AssetId, Path> copies = OutputFiles.copy(
                    container.media(), record, out, workflow.name().value());
            Map<AssetId, String> urls = new HashMap<>();
            copies.forEach((id, copy) -> urls.put(id, copy.toUri().toString()));
            tollgate.job(record.job().id())
                    .ifPresent(view -> documents.add(
                            JobDocument.of(view, now, urls, OutputFiles.stored(container.media(), record, now))));
            JobDocument.Cost cost = JobDocument.Cost.of(record);
            balance = balance.minus(cost.captured());
            table.row(
                    workflow.name(),
                    record.job().kind().word(),
                    cost.quoted().isZero() ? "free" : cost.quoted(),
                    cost.held(),
                    cost.captured(),
                    cost.released(),
                    balance,
                    JobText.took(document(tollgate, record)),
                    copies.values().stream()
                            .findFirst()
                            .map(copy -> String.valueOf(copy.getFileName()))
                            .orElse(""));
        }
        var account = tollgate.credits().balance(USER).account();
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.addAll(table.lines());
        lines.add("");
        lines.add("balance  " + account.available() + " of " + GRANTED + " credits left, " + account.held() + " held");
        lines.addAll(AuditCommand.lines(Doc.of(AuditDocument.of(audit))));
        lines.add("outputs  " + out.toAbsolutePath().normalize());
        output().result(
                        new Document(
                                USER.value(),
                                GRANTED,
                                account.available(),
                                account.held(),
                                documents,
                                AuditDocument.of(audit),
                                out.toAbsolutePath().normalize()),
                        lines);
    }

    private static Doc document(Tollgate tollgate, JobRecord record) {
        return Doc.of(JobDocument.of(tollgate.view(record), Instant.EPOCH, Map.of(), Map.of()));
    }

    private static void delete(Path directory) {
        try {
            if (Files.exists(directory)) {
                Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                        Files.deleteIfExists(folder);
                        return FileVisitResult.CONTINUE;
                    }
                });
            }
        } catch (IOException e) {
            // it lies where the system cleans up by itself
        }
    }
}
