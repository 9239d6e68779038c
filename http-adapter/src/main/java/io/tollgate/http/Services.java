package io.tollgate.http;

import io.tollgate.credits.payment.Payments;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.Keys;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.IdSource;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the API works with.
 *
 * @param io runs what blocks on disks and the store
 * @param timers runs short work later
 * @param measurements what is measured, if anything is
 */
public record Services(
        Tollgate tollgate,
        Payments payments,
        Keys keys,
        Links links,
        Executor io,
        ScheduledExecutorService timers,
        InstantSource clock,
        IdSource ids,
        Housekeeping housekeeping,
        Optional<Measurements> measurements,
        HttpWatcher watcher) {
    /** The key that an open route was called with, if it was and it allows that. */
    Optional<ApiKey> keyOf(Call call, Scope scope) {
        return Callers.presented(call.request()).flatMap(keys::authenticate).filter(key -> key.allows(scope));
    }
}
