/** Talks to a Tollgate server over HTTP. */
@NullMarked
package io.tollgate.app.client;

import org.jspecify.annotations.NullMarked;
