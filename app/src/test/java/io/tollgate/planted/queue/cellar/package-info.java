/** Planted faults. */
@NullMarked
package io.tollgate.planted.queue.cellar;

import org.jspecify.annotations.NullMarked;
