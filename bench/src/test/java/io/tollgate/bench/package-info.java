/** Tests of the benchmark: that it measures whole and correct work. */
@NullMarked
package io.tollgate.bench;

import org.jspecify.annotations.NullMarked;
