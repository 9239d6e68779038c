/** How users come to credits with money: packs, invoices, payments, refunds, and the port to those who take money. */
@NullMarked
package io.tollgate.credits.payment;

import org.jspecify.annotations.NullMarked;
