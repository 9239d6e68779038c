/** A ledger that is too simple to be wrong, for tests to compare the real one with. */
@NullMarked
package io.tollgate.credits.model;

import org.jspecify.annotations.NullMarked;
