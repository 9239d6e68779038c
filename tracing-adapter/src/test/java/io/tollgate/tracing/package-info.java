/** Tests of the traces. */
@NullMarked
package io.tollgate.tracing;

import org.jspecify.annotations.NullMarked;
