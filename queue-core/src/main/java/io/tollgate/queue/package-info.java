/** The facade an embedder meets: one object that takes jobs in, runs them, and tells what becomes of them. */
@NullMarked
package io.tollgate.queue;

import org.jspecify.annotations.NullMarked;
