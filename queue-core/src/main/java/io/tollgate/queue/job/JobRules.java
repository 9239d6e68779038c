package io.tollgate.queue.job;

import io.tollgate.queue.job.JobCommand.Cancel;
import io.tollgate.queue.job.JobCommand.Claim;
import io.tollgate.queue.job.JobCommand.Expire;
import io.tollgate.queue.job.JobCommand.Fail;
import io.tollgate.queue.job.JobCommand.MakeQuote;
import io.tollgate.queue.job.JobCommand.Mark;
import io.tollgate.queue.job.JobCommand.Promote;
import io.tollgate.queue.job.JobCommand.ProvideSlots;
import io.tollgate.queue.job.JobCommand.Redeliver;
import io.tollgate.queue.job.JobCommand.Renew;
import io.tollgate.queue.job.JobCommand.ReportDelivery;
import io.tollgate.queue.job.JobCommand.Resolve;
import io.tollgate.queue.job.JobCommand.SetLimit;
import io.tollgate.queue.job.JobCommand.Submit;
import io.tollgate.queue.job.JobCommand.Succeed;
import io.tollgate.queue.job.JobCommand.SwitchQueue;
import io.tollgate.queue.job.JobCommand.TakeDeliveries;
import io.tollgate.queue.job.JobCommand.TakeOver;
import java.time.Instant;

/**
 * What the queue decides: pure functions from a command and the rows it names to changes, or to a refusal that changes
 * nothing. All stores share them. Immutable and safe for use by many threads.
 */
public final class JobRules {
    private final JobPolicy policy;
    private final SubmitRules submit;
    private final ClaimRules claim;
    private final EndRules end = new EndRules();
    private final LeaseRules lease = new LeaseRules();

    public JobRules(JobPolicy policy) {
        this.policy = policy;
        this.submit = new SubmitRules(policy);
        this.claim = new ClaimRules(policy);
    }

    /** The numbers they decide by. */
    public JobPolicy policy() {
        return policy;
    }

    /**
     * Decides one command.
     *
     * @param rows what the command names, as it is now
     * @param now the store's time
     */
    @SuppressWarnings("unchecked") // each branch answers with its own command's R, which javac can't follow
    public <R> JobDecision<R> decide(JobCommand<R> command, JobRows rows, Instant now) {
        return (JobDecision<R>) dispatch(command, rows, now);
    }

    private JobDecision<?> dispatch(JobCommand<?> command, JobRows rows, Instant now) {
        // the order is that of the hot path; sealed, so a command that is missing here fails its first test
        if (command instanceof Submit c) {
            return submit.submit(c, rows, now);
        } else if (command instanceof Claim c) {
            return claim.claim(c, rows, now);
        } else if (command instanceof Mark c) {
            return lease.mark(c, rows, now);
        } else if (command instanceof Succeed c) {
            return end.succeed(c, rows, now);
        } else if (command instanceof Renew c) {
            return lease.renew(c, rows, now);
        } else if (command instanceof Fail c) {
            return end.fail(c, rows, now, policy.lostAtMost());
        } else if (command instanceof Cancel c) {
            return end.cancel(c, rows, now);
        } else if (command instanceof Expire c) {
            return end.expire(c, rows, now);
        } else if (command instanceof Promote c) {
            return claim.promote(c, rows, now);
        } else if (command instanceof TakeDeliveries c) {
            return DeliveryRules.take(c, rows, now);
        } else if (command instanceof ReportDelivery c) {
            return DeliveryRules.report(c, rows, now);
        } else if (command instanceof Redeliver c) {
            return DeliveryRules.redeliver(c, rows, now);
        } else if (command instanceof TakeOver c) {
            return lease.takeOver(c, rows, now);
        } else if (command instanceof Resolve c) {
            return end.resolve(c, rows, now);
        } else if (command instanceof ProvideSlots c) {
            return LimitRules.provideSlots(c, rows);
        } else if (command instanceof SetLimit c) {
            return LimitRules.setLimit(c, rows);
        } else if (command instanceof SwitchQueue c) {
            return LimitRules.switchQueue(c, rows);
        } else if (command instanceof MakeQuote c) {
            return submit.quote(c, rows, now);
        }
        throw new AssertionError("no rule for " + command.getClass());
    }
}
