package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.StoreException;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.KeyId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All streams of events that are open. Safe for use by many threads. */
final class EventStreams {
    private static final String STOPS = "the server stops";
    private static final String NO_KEY = "the key is not valid any more";
    private static final Duration LAST_WORDS_WITHIN = Duration.ofSeconds(2);

    private final Set<Live> open = ConcurrentHashMap.newKeySet();
    private final Duration heartbeat;
    private final ScheduledExecutorService timers;
    private final HttpWatcher watcher;
    private final StreamCount count;
    private final Predicate<KeyId> stands;
    private final Executor io;
    private volatile boolean ending;
    private volatile @Nullable ScheduledFuture<?> beating;

    /**
     * @param stands whether a key opens anything now; may block
     * @param io where that is asked
     */
    EventStreams(
            Duration heartbeat,
            ScheduledExecutorService timers,
            HttpWatcher watcher,
            StreamCount count,
            Predicate<KeyId> stands,
            Executor io) {
        this.heartbeat = heartbeat;
        this.timers = timers;
        this.watcher = watcher;
        this.count = count;
        this.stands = stands;
        this.io = io;
    }

    void start() {
        beating = timers.scheduleWithFixedDelay(
                this::beat, heartbeat.toMillis(), heartbeat.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void beat() {
        open.forEach(Live::beat);
        if (!open.isEmpty()) {
            io.execute(this::endThoseWithoutAKey);
        }
    }

    /** A key that was revoked, or has expired, opens nothing more: not what it opened before, either. */
    private void endThoseWithoutAKey() {
        Map<KeyId, List<Live>> byKey = open.stream().collect(Collectors.groupingBy(Live::key));
        for (Map.Entry<KeyId, List<Live>> streams : byKey.entrySet()) {
            try {
                if (!stands.test(streams.getKey())) {
                    streams.getValue().forEach(stream -> {
                        CompletableFuture<Void> unused = stream.close(NO_KEY);
                    });
                }
            } catch (StoreException e) {
                return; // nobody knows now; the next beat asks again
            }
        }
    }

    /** One of them. Safe for use by many threads. */
    interface Live {
        /** What opened it. */
        KeyId key();

        /** Gives its reader a sign of life; comes regularly. */
        void beat();

        /** Ends it with last words. Completes when it is gone. */
        CompletableFuture<Void> close(String reason);

        /** Ends it at once, without a word. */
        void cut();
    }

    /**
     * Answers with a stream of events.
     *
     * @param key what opened it
     * @throws ProblemException if its user has too many, or the server stops; nothing is sent then
     */
    void open(Writer.Target target, ApiKey key, EventSource source) {
        Runnable leave = admit(key.user());
        EventStream stream = new EventStream(target, key.id(), source.mostWaiting(), gone -> {
            open.remove(gone);
            leave.run();
        });
        open.add(stream);
        stream.begin(source);
        endIfLate(stream);
    }

    /**
     * Counts one more.
     *
     * @return counts it no more; twice is fine
     * @throws ProblemException if the user has too many, or the server stops
     */
    Runnable admit(UserId user) {
        if (ending) {
            throw stopping();
        }
        Runnable release = count.take(user);
        AtomicBoolean counted = new AtomicBoolean(true);
        watcher.streams(1);
        return () -> {
            if (counted.compareAndSet(true, false)) {
                watcher.streams(-1);
                release.run();
            }
        };
    }

    /** From now on it beats, and ends with the server. */
    void add(Live stream) {
        open.add(stream);
        endIfLate(stream);
    }

    void remove(Live stream) {
        open.remove(stream);
    }

    /** Those who end all may have missed one that came meanwhile. */
    private void endIfLate(Live stream) {
        if (ending) {
            CompletableFuture<Void> unused = stream.close(STOPS);
        }
    }

    private static ProblemException stopping() {
        return new ProblemException(Problem.unavailable("the server stops; come again"));
    }

    int size() {
        return open.size();
    }

    /**
     * Ends all of them with a last event, or without one if it isn't read soon. Completes when all are gone, and no new
     * one is opened from now on.
     */
    CompletableFuture<Void> end() {
        ending = true;
        ScheduledFuture<?> beats = beating;
        if (beats != null) {
            beats.cancel(false);
        }
        List<Live> last = List.copyOf(open);
        CompletableFuture<Void> all = CompletableFuture.allOf(
                last.stream().map(stream -> stream.close(STOPS)).toArray(CompletableFuture[]::new));
        ScheduledFuture<?> late =
                timers.schedule(() -> last.forEach(Live::cut), LAST_WORDS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture<Void> unused = all.whenComplete((done, problem) -> late.cancel(false));
        return all;
    }
}
