package io.tollgate.comfyui;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;

/**
 * Makes HTTP calls to one server: so many at once, each with a deadline and a bound on the answer, repeated with
 * backoff where repeating can't hurt, and not at all for a while when the server is dead. Safe for use by many threads;
 * nothing blocks but {@link #open}.
 */
final class ComfyHttp {
    private static final int TRIES = 3;
    private static final int MOST_WAITING = 1_000;

    /** Pauses before the second and the third try: about 100 and 200 ms, spread by half. */
    private static final IntervalFunction PAUSES =
            IntervalFunction.ofExponentialRandomBackoff(Duration.ofMillis(100), 2, 0.5, Duration.ofSeconds(2));

    /** How long a dead server is left alone; a probe that is answered ends it. */
    private static final Duration OPEN = Duration.ofSeconds(5);

    private static final String CIRCUIT_OPEN = "circuit_open";

    /** What fetching a file is called; its own name says which. */
    private static final String FILE = "GET /view";

    private final HttpClient client;
    private final URI base;
    private final ComfySettings settings;
    private final Executor executor;
    private final ScheduledExecutorService timers;
    private final CallLimiter calls;
    private final CallLimiter transfers;
    private final CircuitBreaker breaker;
    private final InstantSource time;
    private final CallWatcher watcher;

    ComfyHttp(
            HttpClient client,
            ComfySettings settings,
            Executor executor,
            ScheduledExecutorService timers,
            InstantSource time,
            CallWatcher watcher) {
        this.client = client;
        this.time = time;
        this.watcher = watcher;
        this.base = settings.base();
        this.settings = settings;
        this.executor = executor;
        this.timers = timers;
        int files = settings.connections() / 2;
        this.calls = new CallLimiter(settings.connections() - files, MOST_WAITING);
        this.transfers = new CallLimiter(files, MOST_WAITING);
        this.breaker = CircuitBreaker.of(
                "comfyui",
                CircuitBreakerConfig.custom()
                        .slidingWindowSize(10)
                        .minimumNumberOfCalls(5)
                        .failureRateThreshold(60)
                        .waitDurationInOpenState(OPEN)
                        .permittedNumberOfCallsInHalfOpenState(2)
                        .clock(time.withZone(ZoneOffset.UTC))
                        .currentTimestampFunction(clock -> clock.millis(), TimeUnit.MILLISECONDS)
                        .build());
    }

    /**
     * One call.
     *
     * @param path behind the base, with its query, encoded
     * @param what its name in messages
     * @param deadline from the wait for a connection to the last byte
     * @param longest the most bytes that are read
     * @param repeatable whether it may be sent again when nobody knows whether it arrived
     * @param urgent whether it goes out even when the server is taken to be dead, as a probe must
     */
    record Call(
            String method,
            String path,
            HttpRequest.BodyPublisher body,
            String contentType,
            String what,
            Duration deadline,
            int longest,
            boolean repeatable,
            boolean urgent,
            boolean transfer) {}

    /** How far a call is. One that was given up while it waited is not begun after that. */
    private enum Progress {
        WAITING,
        BEGUN,
        GIVEN_UP
    }

    /** An answer, whatever its status. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Answer(int status, byte[] body) {}

    /** The server lives: calls go out again. */
    void alive() {
        breaker.reset();
    }

    /** Whether calls go out: {@code closed} if they do, {@code open} if not, {@code half_open} for a few. */
    String circuit() {
        return breaker.getState().name().toLowerCase(Locale.ROOT);
    }

    /** Where a path of the server is. */
    URI uri(String path) {
        String root = base.toString();
        return URI.create((root.endsWith("/") ? root.substring(0, root.length() - 1) : root) + path);
    }

    /**
     * Makes a call.
     *
     * @return the answer; completes exceptionally with {@link ComfyException} if there was none
     */
    CompletableFuture<Answer> send(Call call) {
        return call.repeatable() && !call.urgent() ? attempt(call, 1) : once(call);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the inner stage is composed in the next line
    private CompletableFuture<Answer> attempt(Call call, int number) {
        return once(call)
                .handle((answer, problem) -> {
                    boolean again = problem == null
                            ? isPassing(answer.status())
                            : ComfyException.errorOf(problem).isPassing();
                    if (again && number < TRIES) {
                        return later(PAUSES.apply(number)).thenCompose(waited -> attempt(call, number + 1));
                    }
                    return problem == null
                            ? CompletableFuture.completedFuture(answer)
                            : CompletableFuture.<Answer>failedFuture(problem);
                })
                .thenCompose(answer -> answer);
    }

    private static boolean isPassing(int status) {
        return status == 429 || (status >= 502 && status <= 504);
    }

    private CompletableFuture<Void> later(long millis) {
        CompletableFuture<Void> waited = new CompletableFuture<>();
        try {
            ScheduledFuture<?> unused = timers.schedule(
                    () -> {
                        CompletableFuture<Void> unusedToo = waited.completeAsync(() -> null, executor);
                    },
                    millis,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            waited.completeExceptionally(new ComfyException(new ComfyError.Unreachable("closed"), e));
        }
        return waited;
    }

    private CompletableFuture<Answer> once(Call call) {
        boolean counted = breaker.tryAcquirePermission();
        if (!counted && !call.urgent()) {
            watcher.answered(call.what(), CIRCUIT_OPEN, Duration.ZERO);
            return CompletableFuture.failedFuture(
                    new ComfyException(new ComfyError.Unreachable("it did not answer a moment ago")));
        }
        Instant began = time.instant();
        CompletableFuture<CallLimiter.Permit> turn = (call.transfer() ? transfers : calls).acquire();
        AtomicReference<Progress> progress = new AtomicReference<>(Progress.WAITING);
        CompletableFuture<HttpResponse<byte[]>> sent = new CompletableFuture<>();
        ScheduledFuture<?> alarm;
        try {
            alarm = timers.schedule(
                    () -> executor.execute(() -> {
                        boolean waited = progress.compareAndSet(Progress.WAITING, Progress.GIVEN_UP);
                        sent.completeExceptionally(new ComfyException(
                                waited
                                        ? new ComfyError.Congested("no connection was free")
                                        : new ComfyError.TimedOut(
                                                call.what(), call.deadline().toMillis())));
                        turn.cancel(false); // after that: its cancellation would be told instead
                    }),
                    call.deadline().toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            CompletableFuture<Void> unused = turn.thenAccept(CallLimiter.Permit::close);
            settle(counted, new ComfyError.Congested("closed"));
            return CompletableFuture.failedFuture(new ComfyException(new ComfyError.Unreachable("closed"), e));
        }
        CompletableFuture<Void> unused = turn.thenAccept(permit -> {
                    if (progress.compareAndSet(Progress.WAITING, Progress.BEGUN)) {
                        exchange(call, sent, permit);
                    } else {
                        permit.close(); // it was said already that it never arrived
                    }
                })
                .exceptionally(problem -> {
                    sent.completeExceptionally(problem);
                    return null;
                });
        return sent.handleAsync(
                (response, problem) -> {
                    alarm.cancel(false);
                    if (problem == null) {
                        watcher.answered(call.what(), outcome(response.statusCode()), since(began));
                        settle(counted);
                        if (call.urgent()) {
                            breaker.reset();
                        }
                        return new Answer(response.statusCode(), response.body());
                    }
                    ComfyError error = errorOf(call.what(), call.deadline(), problem);
                    watcher.answered(call.what(), outcome(error), since(began));
                    settle(counted, error);
                    throw new ComfyException(error, problem);
                },
                executor);
    }

    private Duration since(Instant began) {
        Duration took = Duration.between(began, time.instant());
        return took.isNegative() ? Duration.ZERO : took;
    }

    private static String outcome(int status) {
        if (status >= 500) {
            return "error";
        }
        return status >= 300 ? "refused" : "ok";
    }

    private static String outcome(ComfyError error) {
        if (error instanceof ComfyError.Congested) {
            return "congested";
        } else if (error instanceof ComfyError.Unreachable) {
            return "unreachable";
        } else if (error instanceof ComfyError.TimedOut) {
            return "timeout";
        } else if (error instanceof ComfyError.Broken) {
            return "broken";
        }
        return error instanceof ComfyError.TooLarge ? "too_large" : "other";
    }

    private void exchange(Call call, CompletableFuture<HttpResponse<byte[]>> sent, CallLimiter.Permit permit) {
        CompletableFuture<HttpResponse<byte[]>> exchange;
        try {
            exchange = client.sendAsync(
                    request(call.path(), call.deadline())
                            .method(call.method(), call.body())
                            .setHeader("Content-Type", call.contentType())
                            .build(),
                    info -> new BoundedBody(call.longest()));
        } catch (RuntimeException | Error e) {
            permit.close();
            throw e;
        }
        CompletableFuture<HttpResponse<byte[]>> unused = exchange.whenComplete((response, problem) -> {
            permit.close();
            if (problem == null) {
                sent.complete(response);
            } else {
                sent.completeExceptionally(problem);
            }
        });
        CompletableFuture<HttpResponse<byte[]>> unusedCancel = sent.whenComplete((response, problem) -> {
            if (problem != null) {
                exchange.cancel(true); // this one, not a stage behind it, ends the exchange
            }
        });
    }

    private HttpRequest.Builder request(String path, Duration deadline) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).timeout(deadline);
        settings.headers().forEach(request::setHeader);
        return request;
    }

    private void settle(boolean counted) {
        if (counted) {
            breaker.onSuccess(0, TimeUnit.MILLISECONDS);
        }
    }

    private void settle(boolean counted, ComfyError error) {
        if (!counted) {
            return;
        }
        if (error instanceof ComfyError.Congested) {
            breaker.releasePermission(); // the server wasn't asked
        } else if (isDeath(error)) {
            breaker.onError(0, TimeUnit.MILLISECONDS, new TimeoutException());
        } else {
            breaker.onSuccess(0, TimeUnit.MILLISECONDS);
        }
    }

    private static boolean isDeath(ComfyError error) {
        return error instanceof ComfyError.Unreachable
                || error instanceof ComfyError.Broken
                || error instanceof ComfyError.TimedOut;
    }

    private static ComfyError errorOf(String what, Duration deadline, Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof ComfyException known) {
                return known.error();
            }
            if (cause instanceof ConnectException) {
                return new ComfyError.Unreachable("no connection");
            }
            if (cause instanceof HttpConnectTimeoutException) {
                return new ComfyError.Unreachable("no connection in time");
            }
            if (cause instanceof SSLHandshakeException) {
                return new ComfyError.Unreachable("no secure connection");
            }
            if (cause instanceof java.net.http.HttpTimeoutException) {
                return new ComfyError.TimedOut(what, deadline.toMillis());
            }
            if (cause instanceof BoundedBody.TooLongException) {
                return new ComfyError.TooLarge(what + " brought " + cause.getMessage(), false);
            }
        }
        Throwable root =
                problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        return new ComfyError.Broken(root.getClass().getSimpleName() + " at " + what);
    }

    /**
     * Opens a file of the server. Blocks until it begins to come.
     *
     * @return its bytes as they come; reading fails if nothing comes for {@code deadlines.stall}. To be closed
     * @throws IOException if it can't be had
     */
    InputStream open(String path, String what) throws IOException {
        if (!breaker.tryAcquirePermission()) {
            watcher.answered(FILE, CIRCUIT_OPEN, Duration.ZERO);
            throw new IOException("the server can't be reached: it did not answer a moment ago");
        }
        CallLimiter.Permit permit;
        Duration stall = settings.deadlines().stall();
        try {
            permit = await(transfers.acquire(), settings.deadlines().transfer(), CallLimiter.Permit::close);
        } catch (IOException | RuntimeException e) {
            breaker.releasePermission();
            throw e;
        }
        boolean opened = false;
        try {
            HttpResponse<InputStream> response = answered(path, what, stall);
            if (response.statusCode() != 200) {
                response.body().close();
                throw new IOException("status " + response.statusCode() + " to " + what);
            }
            InputStream guarded = new StallGuard(response.body(), stall, timers, permit::close);
            opened = true;
            return guarded;
        } finally {
            if (!opened) {
                permit.close();
            }
        }
    }

    /** Any answer is a sign of life, whatever its status: settles the breaker's permission either way. */
    private HttpResponse<InputStream> answered(String path, String what, Duration stall) throws IOException {
        Instant began = time.instant();
        try {
            HttpResponse<InputStream> response = await(
                    client.sendAsync(request(path, stall).GET().build(), HttpResponse.BodyHandlers.ofInputStream()),
                    stall,
                    late -> closeQuietly(late.body()));
            watcher.answered(FILE, outcome(response.statusCode()), since(began));
            breaker.onSuccess(0, TimeUnit.MILLISECONDS);
            return response;
        } catch (InterruptedIOException | RuntimeException e) {
            breaker.releasePermission(); // says nothing about the server
            throw e;
        } catch (IOException e) {
            ComfyError error = errorOf(what, stall, e);
            watcher.answered(FILE, outcome(error), since(began));
            settle(true, error);
            throw e;
        }
    }

    private static void closeQuietly(InputStream bytes) {
        try {
            bytes.close();
        } catch (IOException e) {
            // nobody wants it any more
        }
    }

    private static <T> void giveUp(CompletableFuture<T> answer, Consumer<T> late) {
        answer.cancel(true);
        CompletableFuture<Void> unused = answer.thenAccept(late); // it came in the same moment
    }

    /** What comes after the wait was given up goes to {@code late}. */
    private static <T> T await(CompletableFuture<T> answer, Duration deadline, Consumer<T> late) throws IOException {
        try {
            return answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            giveUp(answer, late);
            Thread.currentThread().interrupt();
            InterruptedIOException stopped = new InterruptedIOException("interrupted while waiting for a file");
            stopped.initCause(e);
            throw stopped;
        } catch (TimeoutException e) {
            giveUp(answer, late);
            throw new IOException("no answer in " + deadline.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(
                    errorOf("a file", deadline, e.getCause() == null ? e : e.getCause())
                            .message(),
                    e);
        }
    }
}
