/** Tests of the whole house. */
@NullMarked
package io.tollgate.queue;

import org.jspecify.annotations.NullMarked;
