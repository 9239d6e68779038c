/** Tests of stored files, with the contract of every media store. */
@NullMarked
package io.tollgate.queue.pull;

import org.jspecify.annotations.NullMarked;
