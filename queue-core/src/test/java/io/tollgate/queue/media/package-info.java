/** Tests of stored files, with the contract of every media store. */
@NullMarked
package io.tollgate.queue.media;

import org.jspecify.annotations.NullMarked;
