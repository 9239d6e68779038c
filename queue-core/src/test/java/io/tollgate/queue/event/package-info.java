/** Tests of events and timers. */
@NullMarked
package io.tollgate.queue.event;

import org.jspecify.annotations.NullMarked;
