package io.tollgate.queue.dispatch;

import io.tollgate.queue.event.Progress;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.lane.Eta;
import java.util.Optional;

/**
 * A job as it is shown: what is stored, and what only the moment knows.
 *
 * @param record what is stored
 * @param position 1 + the jobs ahead in dispatch order, while it waits
 * @param eta when it is expected to start and end, while it waits
 * @param waitReason why it does not run yet, while it waits
 * @param progress how far its attempt is, while it runs and its backend says
 */
public record JobView(
        JobRecord record,
        Optional<Integer> position,
        Optional<Eta> eta,
        Optional<WaitReason> waitReason,
        Optional<Progress> progress) {}
