/** Planted faults. */
@NullMarked
package io.tollgate.planted.sql;

import org.jspecify.annotations.NullMarked;
