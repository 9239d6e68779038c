package io.tollgate.http;

import java.time.Duration;

/** Hears of calls, for metrics. Called on the server's threads; must be quick and must not throw. */
public interface HttpWatcher {
    /** Hears of nothing. */
    HttpWatcher NONE = new HttpWatcher() {};

    /**
     * A call was answered.
     *
     * @param route the template of its path, or {@code unknown}
     * @param status as sent
     */
    default void answered(String method, String route, int status, Duration took) {}

    /**
     * A call was turned down by a limit, {@code key}, {@code address}, {@code streams}, or a message: {@code messages}.
     */
    default void limited(String reason) {}

    /** A stream of events or a WebSocket was opened, or ended if {@code by} is -1. */
    default void streams(int by) {}
}
