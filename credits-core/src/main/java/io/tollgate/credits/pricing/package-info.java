/** What things cost whom, and why. */
@NullMarked
package io.tollgate.credits.pricing;

import org.jspecify.annotations.NullMarked;
