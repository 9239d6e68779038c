package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** All streams of events that are open. Safe for use by many threads. */
final class EventStreams {
    private static final String STOPS = "the server stops";
    private static final Duration LAST_WORDS_WITHIN = Duration.ofSeconds(2);

    private final Set<Live> open = ConcurrentHashMap.newKeySet();
    private final Duration heartbeat;
    private final ScheduledExecutorService timers;
    private final HttpWatcher watcher;
    private final StreamCount count;
    private volatile boolean ending;
    private volatile @Nullable ScheduledFuture<?> beating;

    EventStreams(Duration heartbeat, ScheduledExecutorService timers, HttpWatcher watcher, StreamCount count) {
        this.heartbeat = heartbeat;
        this.timers = timers;
        this.watcher = watcher;
        this.count = count;
    }

    void start() {
        beating = timers.scheduleWithFixedDelay(
                () -> open.forEach(Live::beat), heartbeat.toMillis(), heartbeat.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** One of them. Safe for use by many threads. */
    interface Live {
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
     * @param user whose it is
     * @throws ProblemException if the user has too many, or the server stops; nothing is sent then
     */
    void open(Writer.Target target, UserId user, EventSource source) {
        Runnable leave = admit(user);
        EventStream stream = new EventStream(target, source.mostWaiting(), gone -> {
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
