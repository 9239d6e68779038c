/** Days of a busy installation in virtual time: order, promotion, expected times and utilization by the real rules. */
@NullMarked
package io.tollgate.bench.simulation;

import org.jspecify.annotations.NullMarked;
