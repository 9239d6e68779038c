/** Tests of the container. */
@NullMarked
package io.tollgate.app.container;

import org.jspecify.annotations.NullMarked;
