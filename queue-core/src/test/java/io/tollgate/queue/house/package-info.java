/** A whole Tollgate for tests: time by hand, one thread, backends that do as they are told. */
@NullMarked
package io.tollgate.queue.house;

import org.jspecify.annotations.NullMarked;
