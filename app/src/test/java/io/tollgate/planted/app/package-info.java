/** Planted faults. */
@NullMarked
package io.tollgate.planted.app;

import org.jspecify.annotations.NullMarked;
