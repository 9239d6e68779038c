/** Tests of how users come to credits with money. */
@NullMarked
package io.tollgate.credits.payment;

import org.jspecify.annotations.NullMarked;
