/**
 * What tests of queues need: job builders, ids that count, time and backends moved by hand, a whole Tollgate on them.
 */
@NullMarked
package io.tollgate.queue.test;

import org.jspecify.annotations.NullMarked;
