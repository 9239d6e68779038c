/** Credits: accounts, a double-entry ledger, holds, tiers and prices. Knows nothing of jobs. */
@NullMarked
package io.tollgate.credits;

import org.jspecify.annotations.NullMarked;
