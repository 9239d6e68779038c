/** The invariants of the ledger. */
@NullMarked
package io.tollgate.credits.audit;

import org.jspecify.annotations.NullMarked;
