/** Backends whose workers come and fetch their runs, instead of being called. */
@NullMarked
package io.tollgate.queue.pull;

import org.jspecify.annotations.NullMarked;
