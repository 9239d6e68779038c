/** Tests of dispatch, on a whole house and manual time. */
@NullMarked
package io.tollgate.queue.dispatch;

import org.jspecify.annotations.NullMarked;
