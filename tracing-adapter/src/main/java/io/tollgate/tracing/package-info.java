/** Tells an OpenTelemetry collector how jobs went: one trace a job, from its submission to its deliveries. */
@NullMarked
package io.tollgate.tracing;

import org.jspecify.annotations.NullMarked;
