/** Planted faults. */
@NullMarked
package io.tollgate.planted.queue.event;

import org.jspecify.annotations.NullMarked;
