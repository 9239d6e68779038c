/** What survives a kill: real processes, a backend that outlives them, and a count of what was run. */
@NullMarked
package io.tollgate.app.crash;

import org.jspecify.annotations.NullMarked;
