/** The double-entry ledger: amounts, grants, holds, postings and the rules that decide them. */
@NullMarked
package io.tollgate.credits.ledger;

import org.jspecify.annotations.NullMarked;
