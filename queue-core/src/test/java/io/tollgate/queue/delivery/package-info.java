/** Tests of deliveries and of the shelf. */
@NullMarked
package io.tollgate.queue.delivery;

import org.jspecify.annotations.NullMarked;
