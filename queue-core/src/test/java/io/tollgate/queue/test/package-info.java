/** What tests of queues need: job builders, ids that count, time and backends that are moved by hand. */
@NullMarked
package io.tollgate.queue.test;

import org.jspecify.annotations.NullMarked;
