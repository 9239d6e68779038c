/** Deliveries as signed HTTP messages, by the rules of Standard Webhooks. */
@NullMarked
package io.tollgate.webhook;

import org.jspecify.annotations.NullMarked;
