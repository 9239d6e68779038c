/** The client against servers that are slow, cut off or hostile. */
@NullMarked
package io.tollgate.app.client;

import org.jspecify.annotations.NullMarked;
