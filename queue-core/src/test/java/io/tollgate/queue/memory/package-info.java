/** Contracts, run on the in-memory implementations. */
@NullMarked
package io.tollgate.queue.memory;

import org.jspecify.annotations.NullMarked;
