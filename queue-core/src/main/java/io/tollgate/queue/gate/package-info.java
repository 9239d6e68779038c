/** The gate: validation, policy, limits and admission. */
@NullMarked
package io.tollgate.queue.gate;

import org.jspecify.annotations.NullMarked;
