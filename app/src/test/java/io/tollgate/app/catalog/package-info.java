/** Tests of the catalogue. */
@NullMarked
package io.tollgate.app.catalog;

import org.jspecify.annotations.NullMarked;
