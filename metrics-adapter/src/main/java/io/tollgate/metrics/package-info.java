/** What happens and how things stand, in numbers for Prometheus. */
@NullMarked
package io.tollgate.metrics;

import org.jspecify.annotations.NullMarked;
