package io.tollgate.queue.job;

/**
 * The virtual time of a lane under fair share: how far those have come whose turn it is. Who comes after a pause starts
 * from here, not from the credit of an idle past.
 *
 * @param queue the queue
 * @param lane the lane
 * @param virtualTime its time, never going back
 */
public record LaneClock(QueueName queue, Lane lane, long virtualTime) {}
