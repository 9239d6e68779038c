package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** How many streams of events each user has open. Safe for use by many threads. */
final class StreamCount {
    private static final Duration LATER = Duration.ofSeconds(5);

    private final int perUser;
    private final HttpWatcher watcher;
    private final Map<UserId, Integer> open = new ConcurrentHashMap<>();

    StreamCount(int perUser, HttpWatcher watcher) {
        this.perUser = perUser;
        this.watcher = watcher;
    }

    /**
     * The same source, counted while it is followed.
     *
     * @throws ProblemException if the user has too many
     */
    EventSource counted(UserId user, EventSource source) {
        if (open.getOrDefault(user, 0) >= perUser) {
            throw tooMany();
        }
        return (after, follower) -> {
            int now = open.merge(user, 1, Integer::sum);
            AtomicBoolean over = new AtomicBoolean();
            Runnable stop;
            if (now > perUser) { // several came at once
                follower.end();
                stop = () -> {};
            } else {
                stop = source.follow(after, follower);
            }
            return () -> {
                if (over.compareAndSet(false, true)) {
                    open.computeIfPresent(user, (same, count) -> count == 1 ? null : count - 1);
                    stop.run();
                }
            };
        };
    }

    private ProblemException tooMany() {
        watcher.limited("streams");
        return new ProblemException(new Problem(
                429,
                "too_many_streams",
                "no more than " + perUser + " streams at once; close one",
                null,
                Optional.of(LATER)));
    }
}
