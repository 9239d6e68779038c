/** Who may come in: users' API keys and their scopes, small state, the operator's notice and submission switch. */
@NullMarked
package io.tollgate.queue.access;

import org.jspecify.annotations.NullMarked;
