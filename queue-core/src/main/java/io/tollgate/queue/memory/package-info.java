/** In-memory implementations of the ports, held to the same contracts as the real ones. */
@NullMarked
package io.tollgate.queue.memory;

import org.jspecify.annotations.NullMarked;
