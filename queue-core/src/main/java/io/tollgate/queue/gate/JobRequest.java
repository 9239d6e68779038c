package io.tollgate.queue.gate;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.Origin;
import io.tollgate.queue.workflow.RawInput;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A wish to have a workflow run, as it came from outside. Nothing in it is checked yet. Immutable: each {@code with}
 * makes a new one.
 *
 * @param user who asks and pays
 * @param workflow a name in the catalogue
 * @param inputs values by input name
 * @param priority within the lane, higher first; whether the user may have it is the caller's business
 * @param targets who is told when the job ends
 * @param tags words by which the job is found again
 * @param metadata opaque text kept with the job
 * @param idempotencyKey the caller's key: the same key and request give the same job back
 * @param origin the job that this one repeats
 * @param quote what was promised for it: it costs no more
 */
public record JobRequest(
        UserId user,
        String workflow,
        Map<String, RawInput> inputs,
        int priority,
        List<DeliveryTarget> targets,
        List<String> tags,
        Map<String, String> metadata,
        Optional<String> idempotencyKey,
        Optional<Origin> origin,
        Optional<QuoteId> quote) {
    public JobRequest {
        if (user.isErased()) {
            throw new IllegalArgumentException("nobody can act as " + user);
        }
        inputs = Map.copyOf(inputs);
        targets = List.copyOf(targets);
        tags = List.copyOf(tags);
        metadata = Map.copyOf(metadata);
    }

    /** A request without inputs and wishes. */
    public static JobRequest of(UserId user, String workflow) {
        return new JobRequest(
                user,
                workflow,
                Map.of(),
                0,
                List.of(),
                List.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** With a stored file as input. */
    public JobRequest with(String input, AssetId file) {
        return with(input, new RawInput.AssetRef(file));
    }

    /** With a text as input: also a choice, or any value in its written form. */
    public JobRequest with(String input, String text) {
        return with(input, new RawInput.Text(text));
    }

    /** With a whole number as input. */
    public JobRequest with(String input, long number) {
        return with(input, new RawInput.Numeric(BigDecimal.valueOf(number)));
    }

    /** With yes or no as input. */
    public JobRequest with(String input, boolean flag) {
        return with(input, new RawInput.Bool(flag));
    }

    public JobRequest with(String input, RawInput value) {
        Map<String, RawInput> more = new LinkedHashMap<>(inputs);
        more.put(input, value);
        return new JobRequest(user, workflow, more, priority, targets, tags, metadata, idempotencyKey, origin, quote);
    }

    /** With someone who is told when the job ends. */
    public JobRequest deliveredTo(DeliveryTarget target) {
        List<DeliveryTarget> more = new ArrayList<>(targets);
        more.add(target);
        return new JobRequest(user, workflow, inputs, priority, more, tags, metadata, idempotencyKey, origin, quote);
    }

    public JobRequest withPriority(int higherFirst) {
        return new JobRequest(
                user, workflow, inputs, higherFirst, targets, tags, metadata, idempotencyKey, origin, quote);
    }

    public JobRequest withTags(List<String> words) {
        return new JobRequest(
                user, workflow, inputs, priority, targets, words, metadata, idempotencyKey, origin, quote);
    }

    public JobRequest withMetadata(Map<String, String> opaque) {
        return new JobRequest(user, workflow, inputs, priority, targets, tags, opaque, idempotencyKey, origin, quote);
    }

    public JobRequest withIdempotencyKey(String key) {
        return new JobRequest(
                user, workflow, inputs, priority, targets, tags, metadata, Optional.of(key), origin, quote);
    }

    public JobRequest repeating(Origin job) {
        return new JobRequest(
                user, workflow, inputs, priority, targets, tags, metadata, idempotencyKey, Optional.of(job), quote);
    }

    /** At no more than a quote's price; it is used up then. */
    public JobRequest under(QuoteId promise) {
        return new JobRequest(
                user,
                workflow,
                inputs,
                priority,
                targets,
                tags,
                metadata,
                idempotencyKey,
                origin,
                Optional.of(promise));
    }
}
