package io.tollgate.queue.workflow;

import io.tollgate.credits.ledger.Amount;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.WorkflowName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A named recipe in the catalogue.
 *
 * @param name its name
 * @param title what people call it
 * @param description one or two sentences for people
 * @param queue where its jobs wait
 * @param model what its jobs count against
 * @param price the list price of one job
 * @param free whether nobody pays for it; the list price is then booked as a subsidy
 * @param inputs what a request may bring, in the order in which people are asked
 * @param recipes by kind of backend, what that kind needs to run it; a backend whose kind is missing can't
 * @param requires tags that a backend must have besides
 * @param outputs how many files a complete run makes, at least 1
 * @param timeout how long one attempt may run before it is stopped
 * @param retry how often and how soon it is tried again
 */
public record Workflow(
        WorkflowName name,
        String title,
        String description,
        QueueName queue,
        ModelName model,
        Amount price,
        boolean free,
        List<InputSpec> inputs,
        Map<String, Map<String, String>> recipes,
        Set<String> requires,
        int outputs,
        Duration timeout,
        RetryPolicy retry) {
    public Workflow {
        inputs = List.copyOf(inputs);
        recipes = Map.copyOf(recipes);
        requires = Set.copyOf(requires);
    }
}
