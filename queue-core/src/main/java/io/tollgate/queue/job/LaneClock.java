package io.tollgate.queue.job;

/**
 * The virtual time of a lane under fair share: the key of the last job claimed from it. Who comes after a pause starts
 * from here, not from the credit of an idle past.
 *
 * @param queue the queue
 * @param lane the lane
 * @param virtualTime its time, never going back
 */
public record LaneClock(QueueName queue, Lane lane, long virtualTime) {}
