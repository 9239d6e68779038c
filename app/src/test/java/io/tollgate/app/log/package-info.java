/** Tests of logging. */
@NullMarked
package io.tollgate.app.log;

import org.jspecify.annotations.NullMarked;
