/** Planted faults. */
@NullMarked
package io.tollgate.planted.java2d;

import org.jspecify.annotations.NullMarked;
