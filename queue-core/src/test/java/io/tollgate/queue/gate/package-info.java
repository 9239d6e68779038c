/** Tests of the gate. */
@NullMarked
package io.tollgate.queue.gate;

import org.jspecify.annotations.NullMarked;
