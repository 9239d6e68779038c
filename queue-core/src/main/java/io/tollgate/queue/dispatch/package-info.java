/** From the line to a backend and back: queue managers, the drivers of attempts, leases and recovery. */
@NullMarked
package io.tollgate.queue.dispatch;

import org.jspecify.annotations.NullMarked;
