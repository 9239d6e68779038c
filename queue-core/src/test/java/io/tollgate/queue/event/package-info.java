/** Tests of how what happens is told. */
@NullMarked
package io.tollgate.queue.event;

import org.jspecify.annotations.NullMarked;
