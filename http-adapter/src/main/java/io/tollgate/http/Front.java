package io.tollgate.http;

import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.job.IdSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where every call comes in: it gets an id, its route is found, its key is checked, it is handled, and answered once,
 * whatever happened.
 */
final class Front extends Handler.Abstract {
    private static final Logger ACCESS = LoggerFactory.getLogger("io.tollgate.http.access");
    private static final Logger LOG = LoggerFactory.getLogger(Front.class);
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final String UNKNOWN = "unknown";

    private final Router router;
    private final Callers callers;
    private final CallLimits limits;
    private final Writer writer;
    private final IdSource ids;
    private final HttpSettings settings;
    private final HttpWatcher watcher;

    Front(
            Router router,
            Callers callers,
            CallLimits limits,
            Writer writer,
            IdSource ids,
            HttpSettings settings,
            HttpWatcher watcher) {
        this.router = router;
        this.callers = callers;
        this.limits = limits;
        this.writer = writer;
        this.ids = ids;
        this.settings = settings;
        this.watcher = watcher;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String id = Optional.ofNullable(request.getHeaders().get("X-Request-Id"))
                .filter(given -> REQUEST_ID.matcher(given).matches())
                .orElseGet(() -> ids.next().toString());
        response.getHeaders().put("X-Request-Id", id);
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        Writer.Target target = new Writer.Target(request, response, callback);
        String method = request.getMethod();
        String path = Request.getPathInContext(request);
        Router.Found found = path == null || path.isEmpty() ? new Router.Found.Nothing() : router.find(method, path);
        String template =
                found instanceof Router.Found.Match match ? match.route().template() : UNKNOWN;
        Request.addCompletionListener(request, problem -> ended(request, response, id, template));
        try {
            if (found instanceof Router.Found.Match match) {
                answer(match, target, id);
            } else {
                limits.checkAnonymous(request, response);
                writer.problem(target, notRouted(found, response));
            }
        } catch (Throwable problem) { // whatever it is, the caller is answered
            writer.problem(target, told(problem, id));
        }
        return true;
    }

    private void answer(Router.Found.Match match, Writer.Target target, String id) throws Exception {
        Route route = match.route();
        Optional<ApiKey> key = Optional.empty();
        if (route.access().keyed()) {
            key = Optional.of(callers.authenticate(target.request(), target.response()));
            limits.check(key.get(), target.response());
        } else {
            limits.checkAnonymous(target.request(), target.response());
        }
        Call call = new Call(
                target.request(),
                id,
                match.path(),
                key,
                settings.maxJsonBytes(),
                getServer().getThreadPool());
        route.access().scope().ifPresent(call::require);
        CompletionStage<Answer> answer = route.handling().handle(call);
        CompletionStage<?> unused = answer.handle((done, problem) -> {
            if (problem == null) {
                try {
                    writer.write(target, done);
                } catch (Throwable failed) {
                    writer.problem(target, told(failed, id));
                }
            } else {
                writer.problem(target, told(problem, id));
            }
            return null;
        });
    }

    private static Problem notRouted(Router.Found found, Response response) {
        if (found instanceof Router.Found.OtherMethod other) {
            response.getHeaders().put(HttpHeader.ALLOW, String.join(", ", other.allowed()));
            return Problem.of(405, "method_not_allowed", "this takes " + String.join(", ", other.allowed()) + " only");
        }
        return Problem.notFound("there is nothing here; /docs says what there is");
    }

    /** What a caller is told of it. What is our fault is logged here, once, and not told. */
    private static Problem told(Throwable problem, String id) {
        Throwable cause = problem;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        Optional<Problem> known = Problems.of(cause);
        if (known.isEmpty()) {
            LOG.atError()
                    .setMessage("call failed")
                    .addKeyValue("request", id)
                    .setCause(cause)
                    .log();
        }
        return known.orElseGet(() -> Problem.of(500, "internal", "something went wrong here; it was logged as " + id));
    }

    private void ended(Request request, Response response, String id, String template) {
        Duration took = Duration.ofNanos(NanoTime.since(request.getHeadersNanoTime()));
        watcher.answered(request.getMethod(), template, response.getStatus(), took);
        ACCESS.atDebug()
                .setMessage("call")
                .addKeyValue("method", request.getMethod())
                .addKeyValue("route", template)
                .addKeyValue("status", response.getStatus())
                .addKeyValue("ms", took.toMillis())
                .addKeyValue("bytes", Response.getContentBytesWritten(response))
                .addKeyValue("request", id)
                .log();
    }
}
