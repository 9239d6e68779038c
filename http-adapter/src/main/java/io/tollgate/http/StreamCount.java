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
     * Counts one more.
     *
     * @return counts it no more; twice is fine
     * @throws ProblemException if the user has too many
     */
    Runnable take(UserId user) {
        AtomicBoolean counted = new AtomicBoolean();
        open.compute(user, (same, before) -> {
            int now = before == null ? 0 : before;
            counted.set(now < perUser);
            return counted.get() ? Integer.valueOf(now + 1) : before;
        });
        if (!counted.get()) {
            throw tooMany();
        }
        return () -> {
            if (counted.compareAndSet(true, false)) {
                open.computeIfPresent(user, (same, count) -> count == 1 ? null : count - 1);
            }
        };
    }

    /** How many a user has open. */
    int of(UserId user) {
        return open.getOrDefault(user, 0);
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
