package io.tollgate.comfyui.sim;

import java.util.Optional;

/**
 * An HTTP call that came in.
 *
 * @param route where
 * @param subject the id of the prompt that it is about, or the name of the file that it asks for
 * @param atNanos when, by {@link System#nanoTime}
 */
public record Arrival(Route route, Optional<String> subject, long atNanos) {}
