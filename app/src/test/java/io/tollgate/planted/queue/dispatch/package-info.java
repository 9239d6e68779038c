/** Planted faults. */
@NullMarked
package io.tollgate.planted.queue.dispatch;

import org.jspecify.annotations.NullMarked;
