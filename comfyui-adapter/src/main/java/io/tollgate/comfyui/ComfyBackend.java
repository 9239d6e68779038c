package io.tollgate.comfyui;

import io.tollgate.queue.backend.BackendUnreachableException;
import io.tollgate.queue.backend.BackendWatcher;
import io.tollgate.queue.backend.Capabilities;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.backend.RunListener;
import io.tollgate.queue.backend.RunLookup;
import io.tollgate.queue.backend.RunOutcome;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.RunId;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A ComfyUI server as a backend, from release 0.3.44 on; what older ones lack is done without. It shares the server
 * with other people: it reads, cancels and counts only its own runs. Nothing is sent before it is first asked
 * something.
 *
 * <p>It makes no threads: HTTP, messages and listeners use {@code executor}, which needs at least two threads, and
 * {@code timers} only hands tasks over. Both must outlive it.
 */
public final class ComfyBackend implements GenerationBackend {
    private static final int RECALLS = 3;
    /** A list of that age isn't asked for again because the websocket came back. */
    private static final Duration YOUNG_CATALOG = Duration.ofMinutes(1);

    private static final BackendWatcher NOBODY = new BackendWatcher() {
        @Override
        public void changed() {}

        @Override
        public void unreachable(String reason) {}
    };

    private final BackendId id;
    private final ComfySettings settings;
    private final Executor executor;
    private final InstantSource time;
    private final Alarms alarms;
    private final ComfyHttp http;
    private final ComfyApi api;
    private final ComfySocket socket;
    private final Uploads uploads;
    private final ServerFeatures features;
    private final Finder finder;
    private final Submitter submitter;
    private final ServerTags tags;
    private final RunWatch runs;
    private final RunBook book = new RunBook();
    private final AtomicBoolean opened = new AtomicBoolean();
    private volatile BackendWatcher watcher = NOBODY;

    /**
     * Makes it; nothing is sent yet.
     *
     * @param id its name
     * @param settings where the server is and how to treat it
     * @param executor runs what is to be done, and calls listeners; at least two threads
     * @param timers wakes it up
     * @param time tells how long calls took
     */
    public ComfyBackend(
            BackendId id,
            ComfySettings settings,
            Executor executor,
            ScheduledExecutorService timers,
            InstantSource time) {
        this(id, settings, executor, timers, time, CallWatcher.NONE);
    }

    /**
     * Makes it; nothing is sent yet.
     *
     * @param id its name
     * @param settings where the server is and how to treat it
     * @param executor runs what is to be done, and calls listeners; at least two threads
     * @param timers wakes it up
     * @param time tells how long calls took
     * @param calls hears of each call
     */
    public ComfyBackend(
            BackendId id,
            ComfySettings settings,
            Executor executor,
            ScheduledExecutorService timers,
            InstantSource time,
            CallWatcher calls) {
        this.id = id;
        this.settings = settings;
        this.executor = executor;
        this.time = time;
        this.alarms = new Alarms(timers, executor);
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER) // the headers are for this server only
                .connectTimeout(settings.deadlines().connect())
                .executor(executor)
                .build();
        this.http = new ComfyHttp(client, settings, executor, timers, time, calls);
        this.api = new ComfyApi(http, settings);
        this.uploads = new Uploads(api, executor);
        this.features = new ServerFeatures(api);
        this.finder = new Finder(api, features::now);
        this.tags = new ServerTags(api, settings.tags(), time, () -> watcher.changed());
        this.socket = new ComfySocket(client, settings, http.uri(""), executor, timers, time, new Ear());
        this.submitter = new Submitter(
                api, finder, uploads, socket::clientId, tags, features::correctOwnIds, book::isClosed, executor);
        this.runs = new RunWatch(
                settings.pace(), api, socket, features, finder, new Outputs(http), book, alarms, () -> watcher);
    }

    /**
     * Whether calls go out to the server: {@code closed} if they do, {@code open} if it is left alone for a while,
     * {@code half_open} if a few go out to see.
     */
    public String circuit() {
        return http.circuit();
    }

    @Override
    public BackendId id() {
        return id;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(ComfyWorkflow.TYPE, settings.queues(), tags.all());
    }

    @Override
    public int slots() {
        return settings.slots();
    }

    @Override
    public int prefetch() {
        return settings.prefetch();
    }

    @Override
    public boolean fetchesOutputs() {
        return true;
    }

    @Override
    public int others() {
        return runs.strangers();
    }

    @Override
    public void watch(BackendWatcher given) {
        watcher = given;
    }

    /** Asks for the server's version; the first time for its nodes and models too, and connects the websocket. */
    @Override
    public CompletionStage<Duration> probe() {
        if (book.isClosed()) {
            return CompletableFuture.failedFuture(
                    new BackendUnreachableException("closed", new IllegalStateException("closed")));
        }
        open();
        Instant asked = time.instant();
        return api.systemStats()
                .thenCompose(version -> {
                    Duration took = Duration.between(asked, time.instant());
                    Duration shown = took.isNegative() ? Duration.ZERO : took;
                    return tags.areKnown()
                            ? CompletableFuture.completedFuture(shown)
                            : tags.refresh().handle((nothing, problem) -> heardTags(shown, problem));
                })
                .handle((took, problem) -> {
                    if (problem == null) {
                        return took;
                    }
                    features.forget(); // what answers the next time may be another release
                    throw new BackendUnreachableException(
                            ComfyException.errorOf(problem).message(), problem);
                });
    }

    /** A server that doesn't list its nodes, for whatever reason of its own, may still run what the operator says. */
    private static Duration heardTags(Duration took, @Nullable Throwable problem) {
        if (problem != null) {
            ComfyError error = ComfyException.errorOf(problem);
            if (!(error instanceof ComfyError.Forbidden)
                    && !(error instanceof ComfyError.Protocol)
                    && !(error instanceof ComfyError.TooLarge)) {
                throw new CompletionException(problem);
            }
        }
        return took;
    }

    /** Starts what goes on by itself. */
    private void open() {
        if (opened.compareAndSet(false, true)) {
            socket.start();
            scheduleCatalog();
        }
    }

    private void scheduleCatalog() {
        alarms.later(settings.pace().catalog().toMillis(), () -> {
            refreshTags();
            scheduleCatalog();
        });
    }

    private void refreshTags() {
        CompletableFuture<Void> unused = tags.refresh().exceptionally(problem -> null); // next time then
    }

    @Override
    public CompletionStage<Submission> submit(RunRequest request, RunListener listener) {
        return submit(request, listener, false);
    }

    @Override
    public CompletionStage<Submission> submitNew(RunRequest request, RunListener listener) {
        return submit(request, listener, true);
    }

    private CompletionStage<Submission> submit(RunRequest request, RunListener listener, boolean isNew) {
        Optional<Run> joined = book.join(
                request.runId(),
                () -> new Run(request.runId(), new Mailbox(listener, executor)),
                before -> before.mailbox().attach(listener));
        if (joined.isEmpty()) {
            return CompletableFuture.completedFuture(new Submission.Unreachable("closed"));
        }
        open();
        Run run = joined.get();
        CompletableFuture<Submission> answer = new CompletableFuture<>();
        if (!run.beginSubmission(answer)) {
            return run.submission()
                    .map(CompletableFuture::copy)
                    .orElseGet(() -> CompletableFuture.completedFuture(new Submission.Accepted(run.id())));
        }
        runs.submissionBegins();
        CompletableFuture<Submitter.Result> result;
        try {
            result = submitter.submit(run, request, isNew);
        } catch (RejectedExecutionException e) {
            result = CompletableFuture.completedFuture(
                    new Submitter.Result.Not(new Submission.Unreachable("closed"), false));
        }
        CompletableFuture<Void> unused = result.thenAccept(what -> {
                    settle(run, what);
                    answer.complete(what.submission());
                    if (what instanceof Submitter.Result.Canceled) {
                        runs.neverPosted(run); // after the answer, which says that there is something to wait for
                    }
                })
                .exceptionally(problem -> {
                    run.isThere(); // a defect, and nobody knows what became of it
                    answer.complete(new Submission.Unclear("a defect of ours: " + problem.getMessage()));
                    return null;
                })
                .thenRun(runs::submissionEnds);
        return answer.copy();
    }

    private void settle(Run run, Submitter.Result result) {
        if (result instanceof Submitter.Result.Taken taken) {
            runs.taken(run, taken.serverId().toString());
            if (run.isCancelAsked()) {
                CompletableFuture<Void> unused = runs.stop(run);
            } else if (run.clientId().isEmpty()) {
                runs.lookFor(run); // it was there already, and may be over
            }
        } else if (result instanceof Submitter.Result.Unwanted unwanted) {
            noLonger(run);
            discard(run.id(), unwanted.serverId());
        } else if (result instanceof Submitter.Result.Not not) {
            boolean unclear = not.submission() instanceof Submission.Unclear;
            if (not.dead() && not.submission() instanceof Submission.Unreachable unreachable) {
                watcher.unreachable(unreachable.reason());
            }
            run.submissionFailed();
            if (!run.isAttached()) {
                noLonger(run);
            } else if (!unclear) {
                runs.lost(run);
            } else {
                runs.roundSoon();
            }
        }
    }

    private void noLonger(Run run) {
        book.remove(run);
        if (run.isAttached()) {
            run.end(new RunOutcome.Lost());
        } else {
            run.mailbox().silence();
        }
    }

    /** Stops a prompt that must not run, and lets the server forget it when it is over. */
    private void discard(RunId runId, String serverId) {
        Run unwanted = new Run(runId, new Mailbox(new AtEnd(() -> forgetAtServer(serverId)), executor));
        unwanted.serverId(serverId);
        unwanted.askCancel();
        CompletableFuture<Void> unused = runs.stop(unwanted);
    }

    private void forgetAtServer(String serverId) {
        CompletableFuture<Void> unused = api.deleteHistory(serverId).exceptionally(problem -> null);
    }

    /** Nobody listens, but something is to be done in the end. */
    private record AtEnd(Runnable task) implements RunListener {
        @Override
        public void started() {}

        @Override
        public void progress(Progress progress) {}

        @Override
        public void ended(RunOutcome outcome) {
            task.run();
        }
    }

    @Override
    public CompletionStage<RunLookup> find(RunId runId) {
        if (book.isClosed()) {
            return CompletableFuture.completedFuture(RunLookup.UNREACHABLE);
        }
        open();
        Optional<Run> run = book.find(runId.toString());
        if (run.isPresent() && run.get().stage() != Run.Stage.THERE) {
            // over, or still on its way, which may take long: who attaches hears what becomes of it
            return CompletableFuture.completedFuture(RunLookup.KNOWN);
        }
        return look(run.map(Run::serverId).orElse(runId.toString()), runId);
    }

    private CompletableFuture<RunLookup> look(String serverId, RunId runId) {
        return finder.find(serverId, runId).handle((sight, problem) -> {
            if (problem != null) {
                return RunLookup.UNREACHABLE;
            }
            return sight.isKnown() ? RunLookup.KNOWN : RunLookup.NOT_KNOWN;
        });
    }

    @Override
    public void attach(RunId runId, RunListener listener) {
        AtomicBoolean made = new AtomicBoolean();
        Optional<Run> joined = book.join(
                runId,
                () -> {
                    made.set(true);
                    return new Run(runId, new Mailbox(listener, executor));
                },
                before -> before.mailbox().attach(listener));
        if (joined.isEmpty()) {
            return;
        }
        open();
        joined.get().attached();
        if (made.get()) {
            runs.lookFor(joined.get());
        }
    }

    @Override
    public CompletionStage<Void> cancel(RunId runId) {
        if (book.isClosed()) {
            return CompletableFuture.completedFuture(null);
        }
        open();
        Optional<Run> known = book.find(runId.toString());
        if (known.isEmpty()) {
            return finder.find(runId.toString(), runId)
                    .thenCompose(sight -> {
                        if (sight.place() == Sight.Place.NOWHERE || sight.place() == Sight.Place.ENDED) {
                            return CompletableFuture.<Void>completedFuture(null);
                        }
                        Run unattended = new Run(runId, new Mailbox(new AtEnd(() -> {}), executor));
                        unattended.serverId(sight.serverId());
                        return runs.askToStop(unattended);
                    })
                    .exceptionally(problem -> null);
        }
        Run run = known.get();
        if (run.stage() == Run.Stage.ENDED) {
            return CompletableFuture.completedFuture(null);
        }
        run.askCancel();
        Optional<CompletableFuture<Submission>> submission = run.submission();
        if (run.stage() == Run.Stage.SUBMITTING && submission.isPresent()) {
            return submission.get().handle((answer, problem) -> null); // then it is stopped
        }
        return runs.stop(run);
    }

    @Override
    public CompletionStage<Boolean> recall(RunId runId) {
        if (book.isClosed()) {
            return CompletableFuture.completedFuture(false);
        }
        open();
        Optional<Run> run = book.find(runId.toString());
        if (run.isPresent()
                && (run.get().stage() != Run.Stage.THERE || run.get().hasBegun())) {
            return CompletableFuture.completedFuture(false);
        }
        String serverId = run.map(Run::serverId).orElse(runId.toString());
        return takeBack(serverId, runId, RECALLS)
                .exceptionally(problem -> false)
                .thenApply(gone -> {
                    if (gone && run.isPresent()) {
                        run.get().mailbox().silence();
                        book.remove(run.get());
                    }
                    return gone;
                });
    }

    private CompletableFuture<Boolean> takeBack(String serverId, RunId runId, int tries) {
        return finder.find(serverId, runId).thenCompose(sight -> {
            if (sight.place() == Sight.Place.WAITING && tries > 0) {
                return api.deletePending(sight.serverId())
                        .thenCompose(nothing -> takeBack(sight.serverId(), runId, tries - 1));
            }
            // nowhere counts only if it was there and we took it away
            return CompletableFuture.completedFuture(sight.place() == Sight.Place.NOWHERE && tries < RECALLS);
        });
    }

    /** Drops what is kept of it here. The server keeps its files and its history, as of everybody's prompts. */
    @Override
    public void forget(RunId runId) {
        book.find(runId.toString()).ifPresent(run -> {
            book.remove(run);
            run.mailbox().silence();
        });
    }

    @Override
    public void close() {
        List<Run> all = book.close();
        alarms.stop();
        socket.close();
        all.forEach(run -> run.mailbox().silence());
        for (Run run : all) {
            run.mailbox().close();
            run.submission().ifPresent(answer -> answer.complete(new Submission.Unclear("closed meanwhile")));
        }
    }

    private final class Ear implements ComfySocket.Receiver {
        @Override
        public void frame(Frame frame) {
            runs.frame(frame);
        }

        @Override
        public void preview(Optional<String> promptId, Preview preview) {
            runs.preview(promptId, preview);
        }

        @Override
        public void opened() {
            http.alive();
            uploads.reconnected();
            features.forget();
            tags.refreshIfOlder(YOUNG_CATALOG);
            runs.roundNow();
        }

        @Override
        public void lost(String reason) {
            features.forget(); // what comes back may be another release
            runs.deaf();
        }
    }
}
