package io.tollgate.queue.job;

import java.time.Instant;

/**
 * A node's right to drive one attempt until a time.
 *
 * @param node who has it
 * @param token grows each time the attempt changes hands; a write with an older one is refused
 * @param until when others may take it over, by the store's clock
 */
public record Lease(NodeId node, long token, Instant until) {}
