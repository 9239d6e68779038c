/** How log lines look, where they go and what must never be in them. */
@NullMarked
package io.tollgate.app.log;

import org.jspecify.annotations.NullMarked;
