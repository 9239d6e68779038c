/** The program: the only place that knows everybody. */
@NullMarked
package io.tollgate.app;

import org.jspecify.annotations.NullMarked;
