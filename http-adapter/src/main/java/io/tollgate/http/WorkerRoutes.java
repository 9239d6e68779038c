package io.tollgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.credits.ledger.StoreUnavailableException;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.backend.Produced;
import io.tollgate.queue.dispatch.JobView;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.media.FileNames;
import io.tollgate.queue.pull.Assignment;
import io.tollgate.queue.pull.Claim;
import io.tollgate.queue.pull.Heard;
import io.tollgate.queue.pull.PullBackend;
import io.tollgate.queue.pull.PullSettings;
import io.tollgate.queue.pull.TooManyClaimsException;
import io.tollgate.queue.pull.Workers;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work for boxes that come and fetch it: claim, heartbeat, complete, fail. */
final class WorkerRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerRoutes.class);
    private static final Route.Access WORKER = Route.Access.of(Scope.WORKER);
    private static final String TOKEN_HEADER = "X-Worker-Token";
    private static final String TOKEN = "token";
    private static final int MAX_TOKEN = 200;
    private static final int MAX_MODELS = 100;
    private static final int MAX_NAME = 64;
    private static final int MAX_MESSAGE = 200;
    private static final int MAX_STEPS = 1_000_000;

    /** The most files of one run; with them may come some fields. */
    private static final int MAX_FILES = 100;

    private static final int MAX_FIELDS = 8;

    /** How many of the largest files the outputs of one run may come to. */
    private static final int FILES_IN_ALL = 8;

    private static final int BEATS_IN_A_LEASE = 3;

    /** How long a worker waits until what it brought is stored. */
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(20);

    private static final Duration LATER = Duration.ofSeconds(1);

    private final Services services;
    private final HttpSettings settings;
    private final Workers workers;
    private volatile boolean ending;

    WorkerRoutes(Services services, HttpSettings settings) {
        this.services = services;
        this.settings = settings;
        this.workers = new Workers(
                services.tollgate().operations().registry().all(),
                job -> services.tollgate().job(job).map(JobView::record));
    }

    private record RunsDocument(List<AssignmentDocument> runs) {}

    private record HeartbeatDocument(RunId runId, Instant leaseExpiresAt, boolean cancel) {}

    private record EndDocument(RunId runId, Heard.End outcome) {}

    List<Route> routes() {
        String run = Paths.WORKER + "/runs/{run_id}";
        return List.of(
                Route.later("POST", Paths.WORKER + "/claim", WORKER, this::claim),
                Route.later("POST", run + "/heartbeat", WORKER, this::heartbeat),
                Route.later("POST", run + "/complete", WORKER, this::complete),
                Route.later("POST", run + "/fail", WORKER, this::fail));
    }

    /** Answers all who wait, as the server stops. */
    void end() {
        ending = true;
        workers.desks().forEach(PullBackend::dismiss);
    }

    // ---- claim

    private CompletionStage<Answer> claim(Call call) {
        return call.json().thenCompose(read -> {
            Body body = new Body(read);
            Optional<PullBackend> desk = desk(body);
            Set<ModelName> models = new HashSet<>();
            for (String model : body.texts("models", MAX_MODELS, MAX_NAME)) {
                try {
                    models.add(new ModelName(model));
                } catch (IllegalArgumentException e) {
                    body.wrong("models", "must be names of models");
                }
            }
            int most = body.whole("max", 1, Claim.MOST).map(Math::toIntExact).orElse(1);
            Duration patience = body.whole("wait", 0, Claim.LONGEST_WAIT.toSeconds())
                    .map(Duration::ofSeconds)
                    .orElse(Duration.ZERO);
            Optional<String> name = body.text("worker", MAX_NAME);
            body.done();
            if (ending || desk.isEmpty()) {
                return CompletableFuture.completedFuture(Answer.ok(new RunsDocument(List.of())));
            }
            Presence presence = new Presence(call.request());
            String key = call.key().id().toString();
            String worker = name.map(own -> key + " " + own).orElse(key);
            CompletionStage<List<Assignment>> claimed =
                    desk.get().claim(new Claim(key, worker, models, most, patience, presence::isThere));
            if (ending) {
                desk.get().dismiss();
            }
            return claimed.exceptionally(WorkerRoutes::refused)
                    .thenApplyAsync(assigned -> handed(desk.get(), assigned, presence), services.io());
        });
    }

    private Optional<PullBackend> desk(Body body) {
        Optional<BackendId> named = body.text("backend", "the name of a backend", BackendId::new);
        List<PullBackend> desks = workers.desks();
        if (desks.isEmpty()) {
            throw new ProblemException(Problem.notFound("this server has no backend of the type worker"));
        }
        String names = desks.stream().map(desk -> desk.id().value()).sorted().collect(Collectors.joining(", "));
        Optional<PullBackend> desk = named.isPresent() ? workers.desk(named.get()) : Optional.of(desks.get(0));
        if (named.isEmpty() && desks.size() > 1) {
            body.wrong("backend", "is needed, as there are several: " + names);
        } else if (desk.isEmpty()) {
            body.wrong("backend", "must be one that has workers: " + names);
        }
        return desk;
    }

    private static List<Assignment> refused(Throwable problem) {
        Throwable cause =
                problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        if (cause instanceof TooManyClaimsException many) {
            throw new ProblemException(
                    new Problem(429, "rate_limited", String.valueOf(many.getMessage()), null, Optional.of(LATER)));
        }
        throw new CompletionException(cause);
    }

    private Answer handed(PullBackend desk, List<Assignment> assigned, Presence presence) {
        List<AssignmentDocument> documents = new ArrayList<>();
        try {
            for (Assignment each : assigned) {
                document(desk, each).ifPresent(documents::add);
            }
            Answer.Json answer = new Answer.Json(200, new RunsDocument(documents), Map.of());
            if (presence.end()) {
                answer = answer.with(HttpHeader.CONNECTION.asString(), "close");
            }
            return new Answer.Handed(answer, () -> desk.takeBack(assigned));
        } catch (StoreUnavailableException problem) {
            desk.takeBack(assigned);
            throw problem;
        }
    }

    /** Empty if it can't be done, as a file of it is gone or it can't be told: then it has failed. */
    private Optional<AssignmentDocument> document(PullBackend desk, Assignment assignment) {
        try {
            return Optional.of(AssignmentDocument.of(
                    assignment, desk.lease(), services.tollgate().media(), services.links()));
        } catch (StoreUnavailableException later) {
            throw later;
        } catch (RuntimeException defect) { // of this run: taken back, it would be handed out for ever
            LOG.error("run {} can't be handed to a worker", assignment.request().runId(), defect);
            desk.fail(
                    assignment.request().runId(),
                    new Failure(Failure.Kind.INTERNAL, "it could not be handed to a worker"));
            return Optional.empty();
        } catch (IOException gone) {
            desk.fail(
                    assignment.request().runId(),
                    new Failure(Failure.Kind.STORAGE, "a file among its inputs can't be had"));
            return Optional.empty();
        }
    }

    // ---- what becomes of it

    private static RunId runId(Call call) {
        return call.pathId("run_id", "run", RunId::parse);
    }

    /** The run of a call whose token came in a header, or in a field. */
    private Workers.Shown shown(Call call, Optional<String> field) {
        String token = call.header(TOKEN_HEADER)
                .or(() -> field)
                .orElseThrow(() -> new ProblemException(
                        Problem.invalid(TOKEN, "is needed, here or in the header " + TOKEN_HEADER)));
        return workers.show(token, runId(call))
                .orElseThrow(() -> new ProblemException(
                        Problem.of(403, "forbidden", "this is not the token of run " + runId(call))));
    }

    private CompletionStage<Answer> heartbeat(Call call) {
        RunId run = runId(call);
        return call.json()
                .thenApplyAsync(
                        read -> {
                            Body body = new Body(read);
                            Optional<String> token = body.text(TOKEN, MAX_TOKEN);
                            Optional<String> message = body.text("message", MAX_MESSAGE);
                            Optional<Progress> progress = progress(body, message);
                            body.done();
                            Workers.Shown shown = shown(call, token);
                            Heard heard = progress.isEmpty() && message.isPresent()
                                    ? shown.heartbeat(message.get())
                                    : shown.heartbeat(progress);
                            if (heard instanceof Heard.Going going) {
                                return Answer.ok(new HeartbeatDocument(run, going.leaseExpiresAt(), going.cancel()));
                            }
                            throw over(run, heard);
                        },
                        services.io());
    }

    /** Empty if it says nothing of how far it is. */
    private static Optional<Progress> progress(Body body, Optional<String> message) {
        Optional<JsonNode> fraction = body.any("progress");
        Optional<Long> step = body.whole("step", 0, MAX_STEPS);
        Optional<Long> steps = body.whole("steps", 1, MAX_STEPS);
        if (step.isPresent() && body.any("steps").isEmpty()) {
            body.wrong("steps", "is needed with step");
        }
        if (fraction.isPresent()
                && !(fraction.get().isNumber()
                        && fraction.get().doubleValue() >= 0
                        && fraction.get().doubleValue() <= 1)) {
            body.wrong("progress", "must be a number from 0 to 1");
            return Optional.empty();
        }
        if (fraction.isEmpty() && (step.isEmpty() || steps.isEmpty())) {
            return Optional.empty();
        }
        double done = fraction.map(JsonNode::doubleValue)
                .orElseGet(() -> Math.min(1.0, (double) step.orElseThrow() / steps.orElseThrow()));
        return Optional.of(new Progress(
                done,
                step.map(Math::toIntExact).orElse(-1),
                steps.map(Math::toIntExact).orElse(-1),
                message,
                Optional.empty()));
    }

    private CompletionStage<Answer> complete(Call call) {
        RunId run = runId(call);
        boolean json = call.header(HttpHeader.CONTENT_TYPE.asString())
                .orElse("application/json")
                .toLowerCase(Locale.ROOT)
                .startsWith("application/json");
        if (json) {
            return call.json()
                    .thenComposeAsync(
                            read -> {
                                Body body = new Body(read);
                                Optional<String> token = body.text(TOKEN, MAX_TOKEN);
                                body.done();
                                return settled(run, shown(call, token).complete(List.of(), () -> {}));
                            },
                            services.io());
        }
        Optional<Workers.Shown> early = Optional.empty();
        if (call.header(TOKEN_HEADER).isPresent()) { // nobody sends files for nothing
            Workers.Shown shown = shown(call, Optional.empty());
            Heard before = shown.heartbeat(Optional.empty());
            early = before instanceof Heard.Going ? Optional.of(shown) : Optional.empty();
            boolean mayBeTold = before instanceof Heard.Going
                    || (before instanceof Heard.Over over && over.end() == Heard.End.COMPLETED);
            if (!mayBeTold) {
                throw over(run, before);
            }
        }
        long largest = settings.maxUploadBytes();
        CompletableFuture<Form> whole = Form.read(
                call, settings.uploads(), largest, largest * FILES_IN_ALL, MAX_FILES + MAX_FIELDS, services.io());
        early.ifPresent(shown -> UploadBeats.until(
                whole,
                lease().dividedBy(BEATS_IN_A_LEASE),
                () -> shown.heartbeat(Optional.empty()) instanceof Heard.Going,
                services.timers(),
                services.io()));
        return whole.thenCompose(form -> {
            try {
                Workers.Shown shown = shown(call, form.text(TOKEN, MAX_TOKEN));
                List<Form.Upload> files = form.files();
                if (files.size() > MAX_FILES) {
                    throw new ProblemException(Problem.invalid("files", "must be at most " + MAX_FILES));
                }
                List<Produced> outputs =
                        files.stream().map(WorkerRoutes::produced).toList();
                return settled(run, shown.complete(outputs, form::close));
            } catch (RuntimeException problem) {
                form.close();
                throw problem;
            }
        });
    }

    /** The shortest of all desks. */
    private Duration lease() {
        return workers.desks().stream()
                .map(PullBackend::lease)
                .min(Comparator.naturalOrder())
                .orElse(PullSettings.USUAL_LEASE);
    }

    private static Produced produced(Form.Upload file) {
        return new Produced(FileNames.safe(file.name().orElse("")), Optional.empty(), file.contentType(), file::open);
    }

    private CompletionStage<Answer> fail(Call call) {
        RunId run = runId(call);
        return call.json()
                .thenComposeAsync(
                        read -> {
                            Body body = new Body(read);
                            Optional<String> token = body.text(TOKEN, MAX_TOKEN);
                            Optional<Reason> reason = body.text("code", Reason.WORDS, Reason::parse);
                            if (reason.isEmpty() && body.any("code").isEmpty()) {
                                body.wrong("code", "is needed, and " + Reason.WORDS);
                            }
                            String message = body.text("message", 4096).orElse("");
                            Optional<Boolean> retryable = body.flag("retryable");
                            body.done();
                            Workers.Shown shown = shown(call, token);
                            Optional<Failure> failure = reason.orElseThrow().failure(message, retryable);
                            return settled(run, failure.isPresent() ? shown.fail(failure.get()) : shown.canceled());
                        },
                        services.io());
    }

    /** Why a worker gives a run up. */
    private enum Reason {
        BAD_INPUT(Failure.Kind.BAD_INPUT),
        BAD_WORKFLOW(Failure.Kind.BAD_WORKFLOW),
        POLICY(Failure.Kind.POLICY),
        OUT_OF_MEMORY(Failure.Kind.OUT_OF_MEMORY),
        INCAPABLE(Failure.Kind.INCAPABLE),
        TIMEOUT(Failure.Kind.TIMEOUT),
        BACKEND(Failure.Kind.BACKEND),
        CANCELED(Failure.Kind.CANCELED);

        static final String WORDS =
                "one of bad_input, bad_workflow, policy, out_of_memory, incapable, timeout, backend, canceled";

        private final Failure.Kind kind;

        Reason(Failure.Kind kind) {
            this.kind = kind;
        }

        static Reason parse(String word) {
            if (!word.equals(word.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(word);
            }
            return valueOf(word.toUpperCase(Locale.ROOT));
        }

        /** Empty if it was stopped. What a worker knows better about another try is heeded. */
        Optional<Failure> failure(String message, Optional<Boolean> retryable) {
            if (this == CANCELED) {
                return Optional.empty();
            }
            String told = message.isBlank() ? "its worker gave it up" : message;
            boolean again = retryable.orElse(kind.isRetryable());
            if (again == kind.isRetryable()) {
                return Optional.of(new Failure(kind, told));
            }
            return Optional.of(
                    new Failure(again ? Failure.Kind.BACKEND : Failure.Kind.BAD_WORKFLOW, kind.code() + ": " + told));
        }
    }

    /** What a worker is told once what it said is stored: then it needs to keep nothing. */
    private CompletionStage<Answer> settled(RunId run, Heard heard) {
        if (!(heard instanceof Heard.Noted noted)) {
            throw over(run, heard);
        }
        CompletableFuture<Boolean> stored =
                noted.settled().toCompletableFuture().copy();
        ScheduledFuture<?> alarm = services.timers()
                .schedule(() -> stored.complete(false), SETTLED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        return stored.thenApply(done -> {
            alarm.cancel(false);
            if (!done) {
                throw new ProblemException(Problem.unavailable("it was taken, and is not stored yet; send it again"));
            }
            return Answer.ok(new EndDocument(run, noted.end()));
        });
    }

    private static ProblemException over(RunId run, Heard heard) {
        if (heard instanceof Heard.Over over) {
            return new ProblemException(new Problem(
                    409,
                    "invalid_state",
                    "run " + run + " is over: " + over.end().word() + "; nothing was changed",
                    Map.of("status", over.end().word()),
                    Optional.empty()));
        }
        return new ProblemException(Problem.notFound("there is no run " + run));
    }
}
