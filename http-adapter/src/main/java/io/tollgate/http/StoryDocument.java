package io.tollgate.http;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.Receipt;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a job costs, why, and who paid, over HTTP and on the command line alike.
 *
 * @param receipt what became of the credits, in a line
 * @param story how the list price became the price, in words; empty if nothing was taken off
 * @param price the same step by step
 * @param paidFrom the grants that the credits were set aside from
 */
public record StoryDocument(
        JobId id,
        JobState.Kind status,
        String receipt,
        Amount listPrice,
        Amount netPrice,
        String story,
        List<Step> price,
        List<Paid> paidFrom,
        List<JobDocument.Happened> history) {
    /** One rule's part in the price. */
    public record Step(String rule, Amount before, Amount after) {}

    /** What came from one grant. */
    public record Paid(long grant, String source, Amount amount) {}

    /**
     * As it is told.
     *
     * @param grants those of the job's user
     */
    public static StoryDocument of(JobRecord record, List<Grant> grants) {
        Map<GrantId, String> sources = new HashMap<>();
        grants.forEach(grant -> sources.put(
                grant.id(), grant.source().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        Receipt receipt = Receipt.of(record);
        return new StoryDocument(
                record.job().id(),
                record.job().kind(),
                receipt.line(),
                receipt.price().list(),
                receipt.price().net(),
                receipt.story(),
                receipt.price().steps().stream()
                        .map(step -> new Step(step.rule(), step.before(), step.after()))
                        .toList(),
                record.hold().slices().stream()
                        .map(slice -> new Paid(
                                slice.grant().value(), sources.getOrDefault(slice.grant(), "unknown"), slice.amount()))
                        .toList(),
                record.history().stream()
                        .map(line -> new JobDocument.Happened(line.to(), line.at(), line.cause()))
                        .toList());
    }
}
