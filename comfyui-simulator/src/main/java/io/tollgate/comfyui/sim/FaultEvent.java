package io.tollgate.comfyui.sim;

import java.util.Optional;

/**
 * A fault that happened.
 *
 * @param atNanos when, by {@link System#nanoTime}
 * @param route where
 * @param kind what
 * @param promptId whose prompt it hit, if that is known; a submission's own id where the client chose one
 */
public record FaultEvent(long atNanos, Route route, FaultKind kind, Optional<String> promptId) {}
