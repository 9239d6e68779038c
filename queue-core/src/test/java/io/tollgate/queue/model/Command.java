package io.tollgate.queue.model;

import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.QueueSwitch;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/**
 * One step of a sequence, as plain numbers: users, queues, models, backends and nodes by their number in {@link World},
 * jobs by a number of their own. A step names nothing that another step made, so that a sequence from which steps were
 * deleted still means something. {@link #line} is the Java that makes it again.
 */
sealed interface Command {
    // ---- jobs

    /**
     * Submits jobs.
     *
     * @param key the idempotency key, 0 for none
     * @param body what the request was, for the key and the quote
     * @param quote the number of the quote it is made under, 0 for none
     */
    record Submit(int user, List<Plan> jobs, int key, int body, int quote) implements Command {}

    /**
     * Asks what jobs would cost.
     *
     * @param quote the number of the quote
     */
    record Quote(int quote, int user, List<Plan> jobs, int body) implements Command {}

    /**
     * A job to be: as many targets are told of its end, and it waits as many seconds.
     *
     * @param terms the number of its {@link World#TERMS}
     */
    record Plan(
            int job, int queue, int model, int needs, int price, int terms, int priority, int patience, int targets) {}

    /**
     * Starts attempts.
     *
     * @param offers backends by preference
     * @param slots how many slots each of them has
     * @param loads what each of them has to do already, as {@link World#load} reads it
     * @param most how many at most
     */
    record Claim(int queue, int node, List<Integer> offers, int slots, List<Integer> loads, int most)
            implements Command {}

    /**
     * Notes how far an attempt got.
     *
     * @param back which right to drive the attempts is shown: 0 the last that was given, 1 the one before
     */
    record Mark(int job, int back, Attempt.Phase phase, boolean renamed) implements Command {}

    record Succeed(int job, int back, int made, int expected) implements Command {}

    /**
     * Ends an attempt badly.
     *
     * @param jitter in percent
     */
    record Fail(int job, int back, Failure.Kind kind, int made, int expected, int attempts, int jitter)
            implements Command {}

    record Cancel(int job) implements Command {}

    record Expire(int job) implements Command {}

    record Promote(int job) implements Command {}

    record Resolve(int job, boolean succeeded) implements Command {}

    record Renew(int node, List<Integer> jobs, int back) implements Command {}

    record TakeOver(int node, boolean own) implements Command {}

    // ---- limits

    record Slots(int backend, int count) implements Command {}

    /**
     * Limits a model.
     *
     * @param limit 0 for the configured one
     */
    record Limit(int model, int limit) implements Command {}

    record Switch(int queue, QueueSwitch.Mode mode) implements Command {}

    // ---- the outbox

    record Take(int most) implements Command {}

    /**
     * Tells of a try.
     *
     * @param back which try is told of: 0 the last, 1 the one before
     */
    record Report(int job, int target, int back, Outcome outcome) implements Command {}

    /** How a try went. */
    enum Outcome {
        DELIVERED,
        TRY_AGAIN,
        GIVE_UP,
        PUT_BACK
    }

    record Redeliver(int job, int target) implements Command {}

    // ---- credits

    /**
     * Gives credits.
     *
     * @param ends when they expire, in seconds from the beginning of the sequence; 0 for never
     */
    record Grant(int user, GrantSource source, int key, int amount, int ends) implements Command {}

    record Adjust(int user, int amount, int key) implements Command {}

    /**
     * Gives a tier.
     *
     * @param ends as for a grant
     */
    record Assign(int user, int tier, int ends) implements Command {}

    record ExpireGrants(int user) implements Command {}

    /**
     * Brings a user along.
     *
     * @param tier 0 for none
     */
    record Opening(int user, int origin, int amount, int tier) implements Command {}

    /**
     * Draws a user's luck.
     *
     * @param secret what becomes the day's secret, 0 for none
     */
    record Draw(int user, int roll, int secret) implements Command {}

    /** Opens a hold that no job has. */
    record Open(int hold, int user, int list, int net) implements Command {}

    record Capture(int hold, int amount, int ofList) implements Command {}

    record Release(int hold, boolean ourFault) implements Command {}

    record Late(int hold, int ofList) implements Command {}

    // ---- payments

    /**
     * Asks for money.
     *
     * @param price in cents
     */
    record Bill(int invoice, int user, int price, int credits) implements Command {}

    /**
     * Pays.
     *
     * @param invoice the number of the invoice, 0 for none
     * @param price in cents
     */
    record Pay(int payment, int user, int invoice, int price) implements Command {}

    record Match(int payment, int user, int credits) implements Command {}

    record BeginRefund(int payment, boolean override) implements Command {}

    record FinishRefund(int payment, boolean done) implements Command {}

    record ChargeBack(int payment) implements Command {}

    // ---- around them

    /** Moves the clock, back if negative. */
    record Advance(int millis) implements Command {}

    /** Closes the store and opens it again. */
    record Restart() implements Command {}

    /**
     * Does all at once.
     *
     * @param threads whether each has a thread of its own; else one hands them all in before it looks at an answer
     */
    record Race(List<Command> commands, boolean threads) implements Command {}

    /** The Java that makes this command. */
    default String line() {
        return java(this);
    }

    private static String java(Object value) {
        if (value instanceof List<?> list) {
            List<String> parts = new ArrayList<>();
            list.forEach(one -> parts.add(java(one)));
            return "List.of(" + String.join(", ", parts) + ")";
        } else if (value instanceof Enum<?> constant) {
            Class<?> type = constant.getDeclaringClass();
            Class<?> outer = type.getEnclosingClass();
            return (outer == null || outer == Command.class ? "" : outer.getSimpleName() + ".") + type.getSimpleName()
                    + "." + constant.name();
        } else if (!(value instanceof Record)) {
            return value.toString();
        }
        List<String> parts = new ArrayList<>();
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            try {
                parts.add(java(component.getAccessor().invoke(value)));
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("a record can't be read", e);
            }
        }
        return "new " + value.getClass().getSimpleName() + "(" + String.join(", ", parts) + ")";
    }
}
