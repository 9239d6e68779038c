/** What happens, told to whoever listens. */
@NullMarked
package io.tollgate.queue.event;

import org.jspecify.annotations.NullMarked;
