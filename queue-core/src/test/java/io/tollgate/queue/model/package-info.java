/** A queue and its ledger that are too simple to be wrong, and random sequences of commands to compare stores with. */
@NullMarked
package io.tollgate.queue.model;

import org.jspecify.annotations.NullMarked;
