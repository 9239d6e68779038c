/** Planted faults. */
@NullMarked
package io.tollgate.planted.queue.job;

import org.jspecify.annotations.NullMarked;
