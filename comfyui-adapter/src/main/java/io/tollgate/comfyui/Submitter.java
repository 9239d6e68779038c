package io.tollgate.comfyui;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.queue.backend.RunRequest;
import io.tollgate.queue.backend.Submission;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.workflow.InvalidWorkflowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/*
 * A prompt is posted once. Before, the server is asked whether it knows the run, so that one that was submitted by a
 * process that died isn't run again; unless the run is new, for the question costs a busy server a millisecond of
 * idling. After a lost answer it is asked whether the post arrived. What is refused is
 * certainly not queued, so only that may be followed by another post. Never a `number`, never `front`: the same number
 * and id twice kill the server's worker.
 */
/** Hands a run over to the server, without ever running it twice. Safe for use by many threads. */
final class Submitter {
    private final ComfyApi api;
    private final Finder finder;
    private final Uploads uploads;
    private final Supplier<String> clientId;
    private final ServerTags tags;
    private final Runnable ownIds;
    private final BooleanSupplier isClosed;
    private final Executor executor;

    /**
     * Makes it.
     *
     * @param ownIds told when the server answers an id of its own
     */
    Submitter(
            ComfyApi api,
            Finder finder,
            Uploads uploads,
            Supplier<String> clientId,
            ServerTags tags,
            Runnable ownIds,
            BooleanSupplier isClosed,
            Executor executor) {
        this.api = api;
        this.finder = finder;
        this.uploads = uploads;
        this.clientId = clientId;
        this.tags = tags;
        this.ownIds = ownIds;
        this.isClosed = isClosed;
        this.executor = executor;
    }

    /** What became of it, and what more there is to do. */
    sealed interface Result {
        /** What to answer. */
        Submission submission();

        /** The server has it, under that id. */
        record Taken(RunId serverId) implements Result {
            @Override
            public Submission submission() {
                return new Submission.Accepted(serverId);
            }
        }

        /** The server has it, and must not run it. */
        record Unwanted(String serverId, Failure failure) implements Result {
            @Override
            public Submission submission() {
                return new Submission.Rejected(failure);
            }
        }

        /**
         * The server does not have it, or nobody knows.
         *
         * @param dead whether the server may be dead
         */
        record Not(Submission submission, boolean dead) implements Result {}

        /** It was canceled before it was posted. */
        record Canceled(RunId runId) implements Result {
            @Override
            public Submission submission() {
                return new Submission.Accepted(runId);
            }
        }
    }

    /** A graph ready to be sent, but for the names of the files. */
    private record Prepared(RunRequest request, ComfyWorkflow workflow, Set<AssetId> assets, List<String> texts) {}

    /**
     * Hands it over. Never completes exceptionally.
     *
     * @param isNew whether the server certainly doesn't know it, so that it needn't be asked
     */
    CompletableFuture<Result> submit(Run run, RunRequest request, boolean isNew) {
        return CompletableFuture.supplyAsync(() -> prepare(request), executor)
                .thenCompose(prepared -> {
                    run.graph(Map.of(), Set.of(), prepared.texts());
                    return isNew ? bringAndPost(run, prepared, true) : unlessKnown(run, prepared);
                })
                .exceptionally(Submitter::neverSent);
    }

    private CompletableFuture<Result> unlessKnown(Run run, Prepared prepared) {
        return finder.known(run.serverId(), run.id())
                .thenCompose(sight -> sight.isKnown()
                        ? CompletableFuture.completedFuture(taken(sight.serverId()))
                        : bringAndPost(run, prepared, true));
    }

    private static Prepared prepare(RunRequest request) {
        ComfyWorkflow workflow = ComfyWorkflow.parse(request.recipe()).forRun(request.inputs());
        Set<AssetId> assets = workflow.assets(request.inputs());
        return new Prepared(request, workflow, assets, List.copyOf(workflow.texts(request.inputs())));
    }

    private CompletableFuture<Result> bringAndPost(Run run, Prepared prepared, boolean first) {
        return uploads.bring(prepared.assets(), prepared.request().files()).thenCompose(names -> {
            ObjectNode graph = prepared.workflow().graph(prepared.request().inputs(), names::get);
            return post(run, prepared, body(run, prepared.workflow(), graph), first);
        });
    }

    private ObjectNode body(Run run, ComfyWorkflow workflow, ObjectNode graph) {
        Map<String, String> classes = new LinkedHashMap<>();
        List<String> outputs = new ArrayList<>();
        for (var node : graph.properties()) {
            classes.put(node.getKey(), node.getValue().path("class_type").asText("?"));
            if (workflow.isOutput(node.getKey())) {
                outputs.add(node.getKey());
            }
        }
        run.graph(classes, Set.copyOf(outputs), run.secrets());
        String socket = clientId.get();
        run.clientId(socket);
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.set("prompt", graph);
        body.put("prompt_id", run.id().toString());
        body.put("client_id", socket);
        RunLabel.write(body.putObject("extra_data"), run.id(), outputs);
        return body;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the inner stage is composed in the next line
    private CompletableFuture<Result> post(Run run, Prepared prepared, ObjectNode body, boolean first) {
        if (isClosed.getAsBoolean()) {
            return done(new Submission.Unclear("closed"));
        }
        if (run.isCancelAsked()) {
            return CompletableFuture.completedFuture(new Result.Canceled(run.id()));
        }
        return api.submit(body, prepared.texts())
                .handle((accepted, problem) -> problem == null
                        ? CompletableFuture.completedFuture(accepted(run, accepted, prepared.texts()))
                        : notAccepted(run, prepared, ComfyException.errorOf(problem), first))
                .thenCompose(result -> result);
    }

    private Result accepted(Run run, ComfyApi.Accepted answer, List<String> texts) {
        if (!answer.promptId().equals(run.id().toString())) {
            ownIds.run();
        }
        JsonNode errors = answer.nodeErrors();
        if (errors.isObject() && !errors.isEmpty()) {
            // what it would run is not all that was asked for
            // it may run meanwhile, so the list is not asked for before it is stopped
            ComfyError.Refused refused = Refusals.read(MissingNode.getInstance(), errors, texts);
            return new Result.Unwanted(
                    answer.promptId(),
                    refused.judged(tags.notListed(refused.missing())).failure());
        }
        return taken(answer.promptId());
    }

    private static Result taken(String serverId) {
        try {
            return new Result.Taken(RunId.parse(serverId));
        } catch (IllegalArgumentException e) {
            return new Result.Unwanted(
                    serverId, new Failure(Failure.Kind.PROTOCOL, "the server's id of a prompt is no UUID"));
        }
    }

    private CompletableFuture<Result> notAccepted(Run run, Prepared prepared, ComfyError error, boolean first) {
        if (error instanceof ComfyError.Refused refused) {
            if (refused.inputGone() && first && !prepared.assets().isEmpty()) {
                uploads.forget(prepared.assets()); // somebody cleaned up there
                return bringAndPost(run, prepared, false);
            }
            if (refused.missing().isEmpty()) {
                return done(new Submission.Rejected(refused.failure()));
            }
            return tags.lacking(refused.missing(), refused.message())
                    .handle((lacked, problem) -> problem == null ? refused.judged(lacked) : refused)
                    .thenApply(judged -> new Result.Not(new Submission.Rejected(judged.failure()), false));
        }
        if (error instanceof ComfyError.TooLarge large && large.refused()) {
            return done(new Submission.Rejected(error.failure()));
        }
        if (error.neverArrived()) {
            return CompletableFuture.completedFuture(
                    new Result.Not(new Submission.Unreachable(error.message()), error.saysDead()));
        }
        return finder.find(run.serverId(), run.id())
                .handle((sight, problem) -> problem == null && sight.isKnown()
                        ? taken(sight.serverId())
                        : new Result.Not(new Submission.Unclear(error.message()), false));
    }

    private static CompletableFuture<Result> done(Submission submission) {
        return CompletableFuture.completedFuture(new Result.Not(submission, false));
    }

    /** What an exception means that came before the prompt was posted. */
    private static Result neverSent(Throwable problem) {
        Throwable cause = problem;
        while (cause.getCause() != null
                && (cause instanceof CompletionException || cause instanceof UncheckedIOException)) {
            cause = cause.getCause();
        }
        boolean dead = !(cause instanceof ComfyException known) || known.error().saysDead();
        return new Result.Not(answer(cause), dead);
    }

    private static Submission answer(Throwable cause) {
        if (cause instanceof ComfyException known) {
            ComfyError error = known.error();
            boolean passing = error.isPassing() || error.neverArrived();
            return passing ? new Submission.Unreachable(error.message()) : new Submission.Rejected(error.failure());
        }
        if (cause instanceof InvalidWorkflowException wrong) {
            String all = String.valueOf(wrong.getMessage()).lines().collect(Collectors.joining("; "));
            return new Submission.Rejected(new Failure(Failure.Kind.BAD_WORKFLOW, all));
        }
        if (cause instanceof IOException) {
            return new Submission.Rejected(new Failure(Failure.Kind.BAD_INPUT, "an input file can't be read"));
        }
        return new Submission.Rejected(new Failure(
                Failure.Kind.INTERNAL, "a defect of ours: " + cause.getClass().getSimpleName()));
    }
}
