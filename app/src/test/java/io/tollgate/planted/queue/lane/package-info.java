/** Planted faults. */
@NullMarked
package io.tollgate.planted.queue.lane;

import org.jspecify.annotations.NullMarked;
