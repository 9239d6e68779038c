package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** All streams of events that are open. Safe for use by many threads. */
final class EventStreams {
    private static final String STOPS = "the server stops";

    private final Set<EventStream> open = ConcurrentHashMap.newKeySet();
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
                () -> open.forEach(EventStream::beat),
                heartbeat.toMillis(),
                heartbeat.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /**
     * Answers with a stream of events.
     *
     * @param user whose it is
     * @throws ProblemException if the user has too many, or the server stops; nothing is sent then
     */
    void open(Writer.Target target, UserId user, EventSource source) {
        if (ending) {
            throw stopping();
        }
        Runnable release = count.take(user);
        EventStream stream = new EventStream(target, source.mostWaiting(), gone -> {
            open.remove(gone);
            watcher.streams(-1);
            release.run();
        });
        open.add(stream);
        watcher.streams(1);
        stream.begin(source);
        if (ending) { // since it was looked at: those who end all may have missed this one
            CompletableFuture<Void> unused = stream.close(STOPS);
        }
    }

    private static ProblemException stopping() {
        return new ProblemException(Problem.unavailable("the server stops; come again"));
    }

    int size() {
        return open.size();
    }

    /** Ends all of them with a last event. Completes when all are gone, and no new one is opened from now on. */
    CompletableFuture<Void> end() {
        ending = true;
        ScheduledFuture<?> beats = beating;
        if (beats != null) {
            beats.cancel(false);
        }
        return CompletableFuture.allOf(
                open.stream().map(stream -> stream.close(STOPS)).toArray(CompletableFuture[]::new));
    }
}
