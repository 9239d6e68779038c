/** Stored files: inputs and outputs. */
@NullMarked
package io.tollgate.queue.media;

import org.jspecify.annotations.NullMarked;
