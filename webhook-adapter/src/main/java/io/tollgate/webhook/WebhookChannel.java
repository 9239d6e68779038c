package io.tollgate.webhook;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.delivery.Endpoint;
import io.tollgate.queue.delivery.Endpoints;
import io.tollgate.queue.delivery.Recipient;
import io.tollgate.queue.delivery.SigningSecret;
import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.IdSource;
import io.tollgate.queue.job.JobRecord;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import javax.net.ssl.SSLException;

/**
 * Delivers to web addresses: a signed {@code POST} for each message, by the rules of Standard Webhooks. An answer of
 * 2xx is a delivery; everything else is a failure that is tried again, but 410 Gone, after which nobody asks again.
 */
public final class WebhookChannel implements DeliveryChannel, AutoCloseable {
    /** The channel's name. */
    public static final String NAME = Endpoints.CHANNEL;

    private static final int GONE = 410;

    private final TargetGuard guard;
    private final BiFunction<JobRecord, Optional<Progress>, byte[]> document;
    private final Endpoints endpoints;
    private final IdSource ids;
    private final InstantSource clock;
    private final WebhookSettings settings;
    private final Courier courier;

    /**
     * @param document the JSON of a job, with how far it is when that is told
     * @param endpoints says where a message goes and what it is signed with
     * @param ids names test messages
     * @param executor for names, connections and answers; each call may hold a few of its threads
     * @param timers for timeouts
     */
    public WebhookChannel(
            WebhookSettings settings,
            TargetGuard guard,
            BiFunction<JobRecord, Optional<Progress>, byte[]> document,
            Endpoints endpoints,
            IdSource ids,
            Executor executor,
            ScheduledExecutorService timers,
            InstantSource clock) {
        this(settings, guard, GuardedResolver.Lookup.SYSTEM, document, endpoints, ids, executor, timers, clock);
    }

    WebhookChannel(
            WebhookSettings settings,
            TargetGuard guard,
            GuardedResolver.Lookup lookup,
            BiFunction<JobRecord, Optional<Progress>, byte[]> document,
            Endpoints endpoints,
            IdSource ids,
            Executor executor,
            ScheduledExecutorService timers,
            InstantSource clock) {
        this.settings = settings;
        this.guard = guard;
        this.document = document;
        this.endpoints = endpoints;
        this.ids = ids;
        this.clock = clock;
        this.courier = new Courier(settings, new GuardedResolver(guard, lookup, executor), executor, timers);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void check(String address) {
        guard.check(address);
    }

    @Override
    public CompletionStage<Outcome> deliver(Delivery delivery, JobRecord record) {
        return deliver(delivery, record, Optional.empty());
    }

    /** Nothing is told that would have to wait for the store: it would come after what it is about. */
    @Override
    public CompletionStage<Outcome> tell(Delivery message, JobRecord record, Progress progress) {
        return deliver(message, record, Optional.of(progress));
    }

    private CompletionStage<Outcome> deliver(Delivery delivery, JobRecord record, Optional<Progress> progress) {
        UserId user = record.job().user();
        String address = delivery.target().address();
        CompletionStage<Recipient> asked = endpoints.recipient(user, address);
        if (progress.isPresent() && !asked.toCompletableFuture().isDone()) {
            return CompletableFuture.completedStage(new Outcome.Failed("its secret is being read", false));
        }
        return asked.thenCompose(recipient -> {
            if (recipient instanceof Recipient.Nowhere nowhere) {
                return CompletableFuture.completedStage(new Outcome.Failed(nowhere.reason(), nowhere.permanent()));
            }
            Recipient.At there = (Recipient.At) recipient;
            URI target;
            try {
                target = guard.target(there.url());
            } catch (IllegalArgumentException refused) { // it was taken when other addresses were allowed
                return CompletableFuture.completedStage(new Outcome.Failed(String.valueOf(refused.getMessage()), true));
            }
            byte[] body =
                    Message.ofJob(delivery.event().type(), delivery.createdAt(), document.apply(record, progress));
            return send(target, delivery.id().toString(), body, there.secrets())
                    .thenApply(reply -> noted(user, address, reply));
        });
    }

    /** Whether the endpoint is paused doesn't matter, nor does how it goes to it. */
    @Override
    public CompletionStage<Outcome> test(UserId user, String address) {
        Optional<Endpoint> endpoint = Endpoint.idOf(address).flatMap(id -> endpoints.find(user, id));
        if (endpoint.isEmpty()) {
            return CompletableFuture.completedStage(new Outcome.Failed("there is no such endpoint", true));
        }
        URI target;
        try {
            target = guard.target(endpoint.get().url());
        } catch (IllegalArgumentException refused) {
            return CompletableFuture.completedStage(new Outcome.Failed(String.valueOf(refused.getMessage()), true));
        }
        Instant now = clock.instant();
        List<SigningSecret> signWith = endpoint.get().secrets().at(now);
        return send(target, ids.next().toString(), Message.ofTest(now), signWith)
                .thenApply(this::outcome);
    }

    private Outcome noted(UserId user, String address, Reply reply) {
        Outcome outcome = outcome(reply);
        if (outcome instanceof Outcome.Failed failed) {
            endpoints.failed(user, address, failed.error(), reply.status() == GONE);
        } else {
            endpoints.succeeded(user, address);
        }
        return outcome;
    }

    private CompletionStage<Reply> send(URI target, String id, byte[] body, List<SigningSecret> signWith) {
        long timestamp = clock.instant().getEpochSecond();
        Map<String, String> headers = Map.of(
                "webhook-id", id,
                "webhook-timestamp", Long.toString(timestamp),
                "webhook-signature", Signature.of(id, timestamp, body, signWith));
        return courier.post(target, headers, body);
    }

    private Outcome outcome(Reply reply) {
        Optional<Answer> answer =
                reply.problem() == null ? Optional.of(new Answer(reply.status(), reply.start())) : Optional.empty();
        if (reply.isSuccess()) {
            return new Outcome.Delivered(answer);
        }
        if (reply.status() == GONE) {
            return new Outcome.Failed("answered 410 Gone: it wants no more messages", true, Optional.empty(), answer);
        }
        Instant now = clock.instant();
        Optional<Duration> wait = reply.retryAfter().flatMap(header -> RetryAfter.read(header, now));
        return new Outcome.Failed(error(reply), false, wait, answer);
    }

    private String error(Reply reply) {
        if (reply.isRedirect()) {
            return "answered " + reply.status() + ", a redirect, and those are not followed";
        }
        Throwable problem = reply.problem();
        if (problem == null) {
            return "answered " + reply.status();
        }
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof ForbiddenTargetException) {
                return String.valueOf(cause.getMessage());
            } else if (cause instanceof UnknownHostException) {
                return "nobody knows its host";
            } else if (cause instanceof ConnectException) {
                return "nobody takes connections there";
            } else if (cause instanceof TimeoutException || cause instanceof SocketTimeoutException) {
                return "no answer in " + settings.timeout().toSeconds() + " s";
            } else if (cause instanceof SSLException) {
                return "no secure connection: "
                        + String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
            }
        }
        return "no answer: " + problem.getClass().getSimpleName();
    }

    @Override
    public void close() {
        courier.close();
    }
}
