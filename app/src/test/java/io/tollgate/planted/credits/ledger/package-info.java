/** Planted faults. */
@NullMarked
package io.tollgate.planted.credits.ledger;

import org.jspecify.annotations.NullMarked;
