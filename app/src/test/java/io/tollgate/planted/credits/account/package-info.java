/** Planted faults. */
@NullMarked
package io.tollgate.planted.credits.account;

import org.jspecify.annotations.NullMarked;
