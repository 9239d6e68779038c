/** Whole-system benchmarks: Tollgate's store beside the bare floor of SQLite and beside other job queues. */
@NullMarked
package io.tollgate.bench;

import org.jspecify.annotations.NullMarked;
