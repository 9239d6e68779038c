package io.tollgate.queue.job;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.pricing.Tariff;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a job is from its submission to its end: everything about it that never changes. Instants are kept to the
 * millisecond; finer digits are dropped.
 *
 * @param id its public name
 * @param user who asked and pays
 * @param batch the batch it came in
 * @param workflow the recipe
 * @param queue where it waits
 * @param model what it counts against
 * @param needs what a backend must have, in the canonical text of {@link Needs}
 * @param inputs checked values by name
 * @param tariff what the workflow cost at submission, before any perk
 * @param priority within its lane, higher first
 * @param createdAt when it was submitted
 * @param expiresAt when it has waited too long
 * @param origin the job it repeats
 * @param targets who is told of it
 * @param tags words by which its owner finds it again
 * @param metadata what its owner wants to find in it again, as opaque text
 */
public record JobSpec(
        JobId id,
        UserId user,
        Optional<BatchId> batch,
        WorkflowName workflow,
        QueueName queue,
        ModelName model,
        Needs needs,
        Map<String, InputValue> inputs,
        Tariff tariff,
        int priority,
        Instant createdAt,
        Instant expiresAt,
        Optional<Origin> origin,
        List<DeliveryTarget> targets,
        List<String> tags,
        Map<String, String> metadata) {
    public JobSpec {
        inputs = Map.copyOf(inputs);
        targets = List.copyOf(targets);
        tags = List.copyOf(tags);
        metadata = Map.copyOf(metadata);
        // what a store keeps, so that a job is the same before and after it was stored
        createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
        expiresAt = expiresAt.truncatedTo(ChronoUnit.MILLIS);
    }
}
