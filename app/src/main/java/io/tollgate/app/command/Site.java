package io.tollgate.app.command;

import io.tollgate.app.cli.Progress;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.SubmissionMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Where commands are carried out: a data directory in this process, or a server. Both answer with the documents of the
 * API, so that what is printed is the same. Every method throws {@link io.tollgate.app.cli.CommandFailed} or another
 * exception with one line when it is refused or fails. Used by one thread.
 */
interface Site extends AutoCloseable {
    /** Jobs, as {@code {jobs}}. */
    Doc jobs(JobQuery query);

    /** One's own job. */
    Doc job(JobId id);

    /** Asks for it to be stopped; the job as it is then, which may have ended another way. */
    Doc cancel(JobId id);

    /** A new job like one that didn't succeed. */
    Doc retry(JobId id);

    /** A new job like one that did. */
    Doc rerun(JobId id, boolean keepSeed);

    /** Ends, by hand, one that nobody knows the outcome of. */
    Doc resolve(JobId id, boolean succeeded, String reason);

    /** What it costs, and why. */
    Doc why(JobId id);

    /** What an order would cost. */
    Doc quote(Order order);

    /** Submits an order: the job. */
    Doc submit(Order order, Progress progress);

    /** Who runs a job that was only submitted, in a line for people. */
    String waitingFor(JobId id);

    /** Follows a job to its end and shows how it gets on: the job as it is then. */
    Doc follow(JobId id, Progress progress);

    /**
     * Copies a job's outputs that are still stored into a directory, which is made. They are named {@code BASE.ext},
     * {@code BASE-2.ext} and so on; files of these names are replaced.
     *
     * @return the copies by output
     */
    Map<String, Path> fetch(Doc job, Path directory, String base, Progress progress);

    /** What a user has; one's own without a user. */
    Doc credits(Optional<UserId> user);

    /** What happened to a user's credits, newest first, as {@code {user_id, entries}}; one's own without a user. */
    Doc history(Optional<UserId> user, int limit);

    /** The day's luck of a user; one's own without a user. */
    Doc draw(Optional<UserId> user);

    /**
     * Gives credits: what the user has then.
     *
     * @param once the same one gives once only
     */
    Doc grant(UserId user, Amount amount, String reason, Optional<String> once);

    /** Corrects a balance: what the user has then. */
    Doc adjust(UserId user, Amount amount, String reason, Optional<String> once);

    /** Gives a tier: what the user has then. */
    Doc tier(UserId user, String tier, Optional<Instant> until, String reason);

    /** How many jobs of each model may run, as {@code {limits}}. */
    Doc limits();

    /** Sets that for one model; empty for what is configured. */
    void limit(ModelName model, OptionalInt limit);

    /** The queues, as {@code {queues}}. */
    Doc queues();

    /** Opens, pauses or drains one. */
    void queue(QueueName queue, QueueSwitch.Mode mode);

    /** What runs jobs, as {@code {backends}}. */
    Doc backends();

    /** API keys, as {@code {keys}}. */
    Doc keys(Optional<UserId> user);

    /** Makes one: the only answer that shows it. */
    Doc createKey(Optional<UserId> user, Set<Scope> scopes, Optional<Duration> lifetime, String name);

    /** Revokes one: what is known of it then. */
    Doc revokeKey(KeyId id);

    /** Messages that are or were owed, newest first, as {@code {deliveries}}. */
    Doc deliveries(Optional<Delivery.State> state, int limit);

    /** One of them. */
    Doc delivery(DeliveryId id);

    /** Makes one due again. */
    Doc redeliver(DeliveryId id);

    /** Money that came, newest first, as {@code {payments}}; of a user, what it paid or got. */
    Doc payments(Optional<Payment.State> state, Optional<UserId> user, int limit);

    /** Says whom money that nobody had asked for is for: the payment. */
    Doc match(PaymentId id, UserId user, Amount credits, String reason);

    /**
     * Sends money back, and takes the credits back: the payment.
     *
     * @param override though some of them were used
     */
    Doc refund(PaymentId id, boolean override, String reason);

    /** The text that is shown everywhere. */
    Doc notice();

    /** Shows another; empty for none. */
    Doc show(Optional<String> notice);

    /** Whose jobs are taken. */
    Doc submissions();

    /** Says whose are. */
    Doc take(SubmissionMode mode, String text);

    /** What is stored. */
    Doc storage() throws IOException;

    /** Whether everything that must hold holds. */
    Doc audit();

    @Override
    void close();
}
