/** Planted faults. */
@NullMarked
package io.tollgate.planted.credits.pricing;

import org.jspecify.annotations.NullMarked;
