/** Jobs: what they are, the states they pass through, the commands that move them and the rules that decide. */
@NullMarked
package io.tollgate.queue.job;

import org.jspecify.annotations.NullMarked;
