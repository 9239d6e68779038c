package io.tollgate.app.command;

import static io.tollgate.app.command.LocalCommand.asked;
import static io.tollgate.app.command.LocalCommand.await;

import io.tollgate.app.catalog.RawWorkflow;
import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Progress;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.ServiceContainer;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.AdjustResult;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawResult;
import io.tollgate.credits.ledger.GrantResult;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentResult;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.http.AuditDocument;
import io.tollgate.http.BackendDocument;
import io.tollgate.http.BalanceDocument;
import io.tollgate.http.CreatedKeyDocument;
import io.tollgate.http.DeliveryDocument;
import io.tollgate.http.EntryDocument;
import io.tollgate.http.JobDocument;
import io.tollgate.http.KeyDocument;
import io.tollgate.http.NoticeDocument;
import io.tollgate.http.PaymentDocument;
import io.tollgate.http.QueueDocument;
import io.tollgate.http.QuoteDocument;
import io.tollgate.http.StoryDocument;
import io.tollgate.http.SubmissionsDocument;
import io.tollgate.queue.JobHandle;
import io.tollgate.queue.RefusedException;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.Doors;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.backend.BackendStatus;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.gate.JobRequest;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryFilter;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.JobCommand.CancelResult;
import io.tollgate.queue.job.JobCommand.ResolveResult;
import io.tollgate.queue.job.JobCommand.SubmitResult;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.Refusal;
import io.tollgate.queue.job.SubmissionMode;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.media.Uploaded;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.RawInput;
import io.tollgate.queue.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.LoggerFactory;

/** A data directory that is open in this process. Closing it closes the container. */
final class LocalSite implements Site {
    private static final Duration MEET_WITHIN = Duration.ofSeconds(5);
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    private final ServiceContainer container;
    private final TollgateConfig config;
    private final boolean writes;
    private final UserId user;
    private final String directory;

    /**
     * Works on what {@code container} has open.
     *
     * @param writes whether that was opened to write
     * @param user who acts
     * @param named the data directory that was typed, for advice
     */
    LocalSite(ServiceContainer container, TollgateConfig config, boolean writes, UserId user, Optional<Path> named) {
        this.container = container;
        this.config = config;
        this.writes = writes;
        this.user = user;
        this.directory = named.map(data -> " --data " + data).orElse("");
    }

    private Tollgate tollgate() {
        return container.tollgate();
    }

    private String actor() {
        return "cli:" + user;
    }

    private Instant now() {
        return container.clock().instant();
    }

    private Doc document(JobView view) {
        return Doc.of(
                JobDocument.of(view, now(), Map.of(), OutputFiles.stored(container.media(), view.record(), now())));
    }

    private Doc any(JobId id) {
        return document(tollgate().job(id).orElseThrow(() -> unknown(id)));
    }

    private JobView own(JobId id) {
        return tollgate().job(user, id).orElseThrow(() -> unknown(id));
    }

    static CommandFailed unknown(JobId id) {
        return new CommandFailed("there is no job " + id + "; 'tollgate jobs list' shows them");
    }

    @Override
    public Doc jobs(JobQuery query) {
        JobFilter all = query.all() ? JobFilter.ALL : JobFilter.of(user);
        JobFilter filter = new JobFilter(
                all.user(),
                query.states(),
                query.workflow(),
                Optional.empty(),
                Optional.empty(),
                query.tag(),
                Optional.empty(),
                Optional.empty(),
                query.cleared()
                        ? Optional.empty()
                        : tollgate().doors().cleared().map(Doors.Cleared::jobs));
        return Doc.list(
                "jobs",
                tollgate().jobs(filter, Optional.empty(), query.limit()).stream()
                        .map(this::document)
                        .toList());
    }

    @Override
    public Doc job(JobId id) {
        return document(own(id));
    }

    @Override
    public Doc cancel(JobId id) {
        if (await(tollgate().cancel(user, id)) instanceof CancelResult.NotFound) {
            throw unknown(id);
        }
        return any(id);
    }

    @Override
    public Doc retry(JobId id) {
        return accepted(await(tollgate().retry(user, id)));
    }

    @Override
    public Doc rerun(JobId id, boolean keepSeed) {
        return accepted(await(tollgate().rerun(user, id, keepSeed)));
    }

    private Doc accepted(SubmitResult result) {
        if (result instanceof SubmitResult.Refused refused) {
            throw refused(refused.refusal());
        }
        return any(((SubmitResult.Accepted) result).jobs().get(0).id());
    }

    @Override
    public Doc resolve(JobId id, boolean succeeded, String reason) {
        ResolveResult result = await(tollgate().operations().resolve(id, succeeded, actor(), reason));
        if (result instanceof ResolveResult.Refused refused) {
            throw refused(refused.refusal());
        }
        return any(id);
    }

    @Override
    public Doc why(JobId id) {
        return Doc.of(StoryDocument.of(own(id).record(), tollgate().credits().grants(user)));
    }

    /** The one line for a refusal, with the command that helps if there is one. */
    private CommandFailed refused(Refusal refusal) {
        if (refusal instanceof Refusal.InsufficientCredits few) {
            return new CommandFailed("this costs " + few.required() + " credits and " + user + " has " + few.available()
                    + "; get some with: tollgate credits grant " + user + " 100" + directory);
        }
        return new CommandFailed(refusal.message());
    }

    /** The files are only needed to say what is asked. */
    @Override
    public Doc quote(Order order) {
        meetBackends();
        checkFileInputs(order);
        List<AssetId> added = new ArrayList<>();
        try {
            return Doc.of(QuoteDocument.of(tollgate().quote(List.of(request(order, added)))));
        } catch (RefusedException e) {
            throw refused(e.refusal());
        } finally {
            forget(added);
        }
    }

    @Override
    public Doc submit(Order order, Progress progress) {
        container.closeOnSignal(() -> {});
        meetBackends();
        checkFileInputs(order);
        List<AssetId> added = new ArrayList<>();
        boolean accepted = false;
        try {
            JobRequest request = request(order, added);
            if (order.idempotencyKey().isPresent()) {
                request = request.withIdempotencyKey(order.idempotencyKey().get());
            }
            if (order.quote().isPresent()) {
                request = request.under(quoteId(order.quote().get()));
            }
            JobHandle handle = tollgate().submit(request);
            accepted = true;
            return any(handle.id());
        } catch (RefusedException e) {
            throw refused(e.refusal());
        } finally {
            if (!accepted) {
                forget(added);
            }
        }
    }

    /** So that what no backend has is refused now, and not waited for. One that is down may have anything. */
    private void meetBackends() {
        try {
            tollgate()
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
            throw interrupted(e);
        }
    }

    private static CommandFailed interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new CommandFailed("interrupted", e);
    }

    private static String workflow(Order order) {
        return order.graph().isPresent() ? RawWorkflow.NAME.value() : order.workflow();
    }

    private JobRequest request(Order order, List<AssetId> added) {
        JobRequest request = JobRequest.of(user, workflow(order))
                .withPriority(order.priority())
                .withTags(order.tags());
        if (order.graph().isPresent()) {
            request = request.with(RawWorkflow.INPUT, order.graph().get());
        }
        for (Map.Entry<String, String> input : order.inputs().entrySet()) {
            request = request.with(input.getKey(), input.getValue());
        }
        for (Map.Entry<String, List<Path>> files : order.files().entrySet()) {
            request = request.with(files.getKey(), stored(files.getValue(), added));
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

    /** Finds the wrong type before the file is stored. */
    private void checkFileInputs(Order order) {
        Optional<Workflow> known = name(workflow(order)).flatMap(tollgate().catalogue()::find);
        if (known.isEmpty()) {
            // what is refused without any file is refused as well with it
            tollgate()
                    .check(JobRequest.of(user, workflow(order)))
                    .filter(Refusal.UnknownWorkflow.class::isInstance)
                    .ifPresent(refusal -> {
                        throw refused(refusal);
                    });
            return;
        }
        for (InputSpec input : known.get().inputs()) {
            if (order.files().containsKey(input.name()) && input.kind() != InputSpec.Kind.FILES) {
                throw new CommandFailed("inputs." + input.name() + " is of type " + input.type()
                        + " and takes no file; leave the @ out");
            }
        }
    }

    private static Optional<WorkflowName> name(String workflow) {
        try {
            return Optional.of(new WorkflowName(workflow));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private RawInput stored(List<Path> paths, List<AssetId> added) {
        List<AssetId> ids = new ArrayList<>();
        for (Path path : paths) {
            Uploaded uploaded = InputFiles.add(tollgate(), user, path);
            if (uploaded.isNew()) {
                added.add(uploaded.asset().id()); // what was there before is not forgotten with a refused request
            }
            ids.add(uploaded.asset().id());
        }
        return ids.size() == 1 ? new RawInput.AssetRef(ids.get(0)) : new RawInput.AssetRefs(ids);
    }

    private void forget(List<AssetId> added) {
        for (AssetId id : added) {
            try {
                container.media().delete(id);
            } catch (IOException e) {
                LoggerFactory.getLogger(LocalSite.class)
                        .atWarn()
                        .setMessage("file of a refused request is left")
                        .addKeyValue("asset", id)
                        .addKeyValue("problem", e.toString())
                        .log();
            }
        }
    }

    @Override
    public String waitingFor(JobId id) {
        return "It waits for a server on this directory: tollgate serve" + directory;
    }

    /** Runs the workers here, unless another process has the directory: then it runs the job, and this one looks on. */
    @Override
    public Doc follow(JobId id, Progress progress) {
        String label = own(id).record().job().spec().workflow().value();
        container.closeOnSignal(() -> {});
        Progress.Track track = progress.track(label);
        if (writes) {
            container.work();
            JobHandle handle = tollgate().handle(user, id).orElseThrow(() -> unknown(id));
            await(Following.follow(
                    handle, track, record -> JobText.end(document(tollgate().view(record)))));
            return any(id);
        }
        try {
            while (true) {
                Doc job = job(id);
                if (JobText.isOver(job)) {
                    track.ended(JobText.end(job));
                    return job;
                }
                track.at(0, job.text("status"));
                Thread.sleep(LOOK_EVERY.toMillis());
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public Map<String, Path> fetch(Doc job, Path target, String base, Progress progress) {
        JobId id = JobId.parse(job.needed("id"));
        Map<String, Path> copies = new LinkedHashMap<>();
        OutputFiles.copy(container.media(), own(id).record(), target, base)
                .forEach((output, copy) -> copies.put(output.toString(), copy));
        return copies;
    }

    @Override
    public Doc credits(Optional<UserId> whose) {
        return balance(whose.orElse(user));
    }

    private Doc balance(UserId whose) {
        return Doc.of(BalanceDocument.of(whose, tollgate()));
    }

    @Override
    public Doc history(Optional<UserId> whose, int limit) {
        UserId owner = whose.orElse(user);
        return Doc.list(
                        "entries",
                        tollgate().credits().history(owner, Optional.empty(), limit).lines().stream()
                                .map(line -> Doc.of(EntryDocument.of(line)))
                                .toList())
                .with("user_id", owner.value());
    }

    private record DrawDocument(
            String day, String prize, int percentOff, int roll, Instant at, boolean provable, boolean again) {}

    @Override
    public Doc draw(Optional<UserId> whose) {
        UserId owner = whose.orElse(user);
        if (tollgate().credits().policy().draw().isEmpty()) {
            throw new CommandFailed("there is no lucky draw; set lucky-draw in the configuration");
        }
        DrawResult result = await(tollgate().credits().draw(owner));
        Draw draw = result.draw();
        return Doc.of(new DrawDocument(
                        draw.day().toString(),
                        draw.prize(),
                        draw.percentOff(),
                        draw.roll(),
                        draw.at(),
                        draw.provable(),
                        result.again()))
                .with("user_id", owner.value());
    }

    private static String once(Optional<String> key) {
        return "cli:" + key.orElseGet(() -> UUID.randomUUID().toString());
    }

    @Override
    public Doc grant(UserId whose, Amount amount, String reason, Optional<String> once) {
        GrantResult result = asked(() -> tollgate()
                .credits()
                .grant(whose, GrantSource.GOODWILL, once(once), amount, Optional.empty(), actor(), reason));
        if (result instanceof GrantResult.KeyReused reused) {
            throw new CommandFailed("the key '" + once.orElse("")
                    + "' was used for another grant; nothing was changed (" + reused.sourceKey() + ")");
        }
        return balance(whose);
    }

    @Override
    public Doc adjust(UserId whose, Amount amount, String reason, Optional<String> once) {
        AdjustResult result = asked(() -> tollgate().credits().adjust(whose, amount, actor(), reason, once(once)));
        if (result instanceof AdjustResult.Insufficient few) {
            throw new CommandFailed(
                    whose + " has " + few.available() + " credits, not " + few.required() + "; nothing was changed");
        } else if (result instanceof AdjustResult.KeyReused) {
            throw new CommandFailed(
                    "the key '" + once.orElse("") + "' was used for another adjustment; nothing was changed");
        }
        return balance(whose);
    }

    @Override
    public Doc tier(UserId whose, String tier, Optional<Instant> until, String reason) {
        asked(() -> tollgate().credits().assignTier(whose, tier, until, actor(), reason));
        return balance(whose);
    }

    @Override
    public Doc limits() {
        return Doc.list(
                "limits", tollgate().operations().limits().stream().map(Doc::of).toList());
    }

    @Override
    public void limit(ModelName model, OptionalInt limit) {
        asked(() -> tollgate().operations().setLimit(model, limit, actor()));
    }

    @Override
    public Doc queues() {
        return Doc.list(
                "queues",
                tollgate().operations().queues().stream()
                        .map(queue -> Doc.of(QueueDocument.of(queue)))
                        .toList());
    }

    @Override
    public void queue(QueueName queue, QueueSwitch.Mode mode) {
        asked(() -> tollgate().operations().switchQueue(queue, mode, actor()));
    }

    /** As they are configured, and what runs on them as the database has it: nobody asked them anything here. */
    @Override
    public Doc backends() {
        List<Attempt> running = container.jobs().running();
        List<Doc> all = new ArrayList<>();
        for (Map.Entry<BackendId, TollgateConfig.Backend> each : new TreeMap<>(config.backends()).entrySet()) {
            BackendId id = each.getKey();
            List<QueueName> queues = config.queues().keySet().stream()
                    .filter(queue -> config.backendsOf(queue).contains(id))
                    .sorted()
                    .toList();
            long taken = running.stream()
                    .filter(attempt -> attempt.backend().equals(id))
                    .count();
            all.add(Doc.of(new BackendDocument(
                    id,
                    each.getValue().type().word(),
                    BackendStatus.State.STARTING.word(),
                    "",
                    queues,
                    each.getValue().slots(),
                    (int) taken,
                    0,
                    Optional.empty(),
                    Optional.empty())));
        }
        return Doc.list("backends", all);
    }

    @Override
    public Doc keys(Optional<UserId> whose) {
        return Doc.list(
                "keys",
                container.keys().list(whose).stream()
                        .map(key -> Doc.of(KeyDocument.of(key, now())))
                        .toList());
    }

    @Override
    public Doc createKey(Optional<UserId> whose, Set<Scope> scopes, Optional<Duration> lifetime, String name) {
        try {
            return Doc.of(CreatedKeyDocument.of(container.keys().create(whose.orElse(user), scopes, lifetime, name)));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public Doc revokeKey(KeyId id) {
        if (!container.keys().revoke(id, actor())) {
            throw new CommandFailed("there is no key " + id + "; 'tollgate keys list' shows them");
        }
        return Doc.of(KeyDocument.of(container.keys().find(id).orElseThrow(), now()));
    }

    @Override
    public Doc deliveries(Optional<Delivery.State> state, int limit) {
        DeliveryFilter filter = state.map(DeliveryFilter.ALL::in).orElse(DeliveryFilter.ALL);
        return Doc.list(
                "deliveries",
                tollgate().operations().deliveries(filter, Optional.empty(), limit).stream()
                        .map(delivery -> Doc.of(DeliveryDocument.of(delivery)))
                        .toList());
    }

    @Override
    public Doc delivery(DeliveryId id) {
        return tollgate()
                .operations()
                .delivery(id)
                .map(delivery -> Doc.of(DeliveryDocument.of(delivery)))
                .orElseThrow(() -> new CommandFailed("there is no delivery " + id));
    }

    @Override
    public Doc redeliver(DeliveryId id) {
        await(tollgate().operations().redeliver(id));
        return delivery(id);
    }

    @Override
    public Doc payments(Optional<Payment.State> state, Optional<UserId> whose, int limit) {
        return Doc.list(
                "payments",
                container
                        .payments()
                        .payments(new PaymentFilter(state, whose), Optional.empty(), limit)
                        .payments()
                        .stream()
                        .map(payment -> Doc.of(PaymentDocument.of(payment)))
                        .toList());
    }

    @Override
    public Doc match(PaymentId id, UserId whose, Amount credits, String reason) {
        return payment(asked(() -> container.payments().match(id, whose, credits, actor(), reason)));
    }

    @Override
    public Doc refund(PaymentId id, boolean override, String reason) {
        return payment(asked(() -> container.payments().refund(id, override, actor(), reason)));
    }

    private static Doc payment(PaymentResult result) {
        return Doc.of(PaymentDocument.of(PaymentsCommand.done(result).payment()));
    }

    @Override
    public Doc notice() {
        return Doc.of(NoticeDocument.of(container.doors().notice()));
    }

    @Override
    public Doc show(Optional<String> notice) {
        try {
            notice.ifPresentOrElse(
                    text -> container.doors().show(text, actor()),
                    () -> container.doors().clearNotice());
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
        return notice();
    }

    @Override
    public Doc submissions() {
        return Doc.of(SubmissionsDocument.of(container.doors().submissions()));
    }

    @Override
    public Doc take(SubmissionMode mode, String text) {
        try {
            container.doors().take(mode, text, actor());
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
        return submissions();
    }

    @Override
    public Doc storage() throws IOException {
        return Doc.of(StoredFiles.count(container, config));
    }

    @Override
    public Doc audit() {
        return Doc.of(AuditDocument.of(tollgate().operations().audit()));
    }

    @Override
    public void close() {
        container.close();
    }
}
