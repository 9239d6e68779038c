/** Tests of the numbers. */
@NullMarked
package io.tollgate.metrics;

import org.jspecify.annotations.NullMarked;
