/** Planted faults. */
@NullMarked
package io.tollgate.planted.queue;

import org.jspecify.annotations.NullMarked;
