/** The ledger in memory, to embed and to test with. */
@NullMarked
package io.tollgate.credits.memory;

import org.jspecify.annotations.NullMarked;
