/** What runs attempts: the port, the registry and its health. */
@NullMarked
package io.tollgate.queue.backend;

import org.jspecify.annotations.NullMarked;
