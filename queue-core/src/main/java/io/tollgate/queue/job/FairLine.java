package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;

/**
 * How far one user's share of a lane is used: the key of the user's last job there.
 *
 * @param user whose
 * @param queue the queue
 * @param lane the lane
 * @param lastKey the stride key of the user's last job
 */
public record FairLine(UserId user, QueueName queue, Lane lane, long lastKey) {}
