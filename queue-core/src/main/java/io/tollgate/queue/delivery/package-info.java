/** What users get: finished outputs, and messages that are owed to them until they have them. */
@NullMarked
package io.tollgate.queue.delivery;

import org.jspecify.annotations.NullMarked;
