/** Tests of the simulation, and by it of the rules. */
@NullMarked
package io.tollgate.bench.simulation;

import org.jspecify.annotations.NullMarked;
