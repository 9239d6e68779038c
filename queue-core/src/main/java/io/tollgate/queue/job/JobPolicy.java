package io.tollgate.queue.job;

import io.tollgate.credits.CreditPolicy;
import java.util.Map;

/**
 * The numbers by which the rules decide. Immutable; a store is given one when it is made.
 *
 * @param credits what users get: tiers and presents
 * @param limits how much may be submitted
 * @param modelLimits the configured limits of models
 * @param queueDefaults the limit of a model that has none, by queue
 * @param orders the order of each queue; {@link Order#FIFO} where missing
 * @param relaxedShare which part of a queue's offered slots the relaxed lane may have at most, from 0 to 1
 * @param lostAtMost how many lost runs a job survives without using up an attempt
 */
public record JobPolicy(
        CreditPolicy credits,
        SubmissionLimits limits,
        Map<ModelName, Integer> modelLimits,
        Map<QueueName, Integer> queueDefaults,
        Map<QueueName, Order> orders,
        double relaxedShare,
        int lostAtMost) {
    /** The limit of a model in a queue that says nothing about it. */
    public static final int DEFAULT_MODEL_LIMIT = 5;

    /** What an operator who configures nothing gets. */
    public static final JobPolicy DEFAULT = new JobPolicy(
            CreditPolicy.PLAIN,
            SubmissionLimits.DEFAULT,
            Map.of(),
            Map.of(new QueueName("image"), 5, new QueueName("video"), 2),
            Map.of(),
            0.5,
            3);

    /** In which order jobs of one lane and priority are dispatched. */
    public enum Order {
        /** First in, first out. */
        FIFO,
        /** Each user in turn, whoever brings more waits longer. */
        FAIR
    }

    public JobPolicy {
        modelLimits = Map.copyOf(modelLimits);
        queueDefaults = Map.copyOf(queueDefaults);
        orders = Map.copyOf(orders);
        if (!(relaxedShare >= 0 && relaxedShare <= 1)) {
            throw new IllegalArgumentException("the relaxed share goes from 0 to 1: " + relaxedShare);
        }
    }

    /** How many jobs of a model may run at once. */
    public int limit(ModelLimit model, QueueName queue) {
        return model.set().orElseGet(() -> configuredLimit(model.model(), queue));
    }

    /** The limit of a model that no operator has set. */
    public int configuredLimit(ModelName model, QueueName queue) {
        Integer configured = modelLimits.get(model);
        return configured != null ? configured : queueDefaults.getOrDefault(queue, DEFAULT_MODEL_LIMIT);
    }

    Order order(QueueName queue) {
        return orders.getOrDefault(queue, Order.FIFO);
    }
}
