package io.tollgate.http;

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
    private final Set<EventStream> open = ConcurrentHashMap.newKeySet();
    private final Duration heartbeat;
    private final ScheduledExecutorService timers;
    private final HttpWatcher watcher;
    private volatile boolean ending;
    private volatile @Nullable ScheduledFuture<?> beating;

    EventStreams(Duration heartbeat, ScheduledExecutorService timers, HttpWatcher watcher) {
        this.heartbeat = heartbeat;
        this.timers = timers;
        this.watcher = watcher;
    }

    void start() {
        beating = timers.scheduleWithFixedDelay(
                () -> open.forEach(EventStream::beat),
                heartbeat.toMillis(),
                heartbeat.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    void open(Writer.Target target, EventSource source) {
        if (ending) {
            throw new ProblemException(Problem.unavailable("the server stops; come again"));
        }
        EventStream stream = new EventStream(target, gone -> {
            open.remove(gone);
            watcher.streams(-1);
        });
        open.add(stream);
        watcher.streams(1);
        stream.begin(source);
    }

    int size() {
        return open.size();
    }

    /** Ends all of them with a last event. Completes when all are gone, and no new one is opened from now on. */
    CompletableFuture<Void> end(String reason) {
        ending = true;
        ScheduledFuture<?> beats = beating;
        if (beats != null) {
            beats.cancel(false);
        }
        return CompletableFuture.allOf(
                open.stream().map(stream -> stream.close(reason)).toArray(CompletableFuture[]::new));
    }
}
