/** Planted faults. */
@NullMarked
package io.tollgate.planted.app.cli;

import org.jspecify.annotations.NullMarked;
