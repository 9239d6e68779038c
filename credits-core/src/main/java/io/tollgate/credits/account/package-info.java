/** Who has credits: users, tiers and what a tier is worth. */
@NullMarked
package io.tollgate.credits.account;

import org.jspecify.annotations.NullMarked;
