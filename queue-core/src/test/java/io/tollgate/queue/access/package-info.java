/** Tests of keys, small state and doors, with the contracts of their stores. */
@NullMarked
package io.tollgate.queue.access;

import org.jspecify.annotations.NullMarked;
