/** The service container: what the program is made of, in which order it starts and in which it stops. */
@NullMarked
package io.tollgate.app.container;

import org.jspecify.annotations.NullMarked;
