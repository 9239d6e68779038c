/** The catalogue as files: reads the shipped workflows and the operator's. */
@NullMarked
package io.tollgate.app.catalog;

import org.jspecify.annotations.NullMarked;
