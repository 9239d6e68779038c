/** Order, positions and expected times. */
@NullMarked
package io.tollgate.queue.lane;

import org.jspecify.annotations.NullMarked;
