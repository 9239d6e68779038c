/** Planted faults. */
@NullMarked
package io.tollgate.planted.queue.memory;

import org.jspecify.annotations.NullMarked;
