package io.tollgate.comfyui;

import java.time.Duration;

/** Hears of the calls to one server, for metrics. Called on any thread; must be quick and must not throw. */
@FunctionalInterface
public interface CallWatcher {
    /** Hears of nothing. */
    CallWatcher NONE = (call, outcome, took) -> {};

    /**
     * A call is over; each try is one.
     *
     * @param call the route, such as {@code GET /history}; never an id or a name
     * @param outcome {@code ok}, {@code refused} (status 3xx or 4xx) or {@code error} (5xx) if there was an answer;
     *     else {@code circuit_open}, {@code congested}, {@code unreachable}, {@code timeout}, {@code broken},
     *     {@code too_large} or {@code other}
     * @param took with the wait for a connection
     */
    void answered(String call, String outcome, Duration took);
}
