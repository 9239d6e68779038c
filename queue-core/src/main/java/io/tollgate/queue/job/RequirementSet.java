package io.tollgate.queue.job;

/**
 * What jobs have in common that may be run in each other's place: a dispatcher looks only at the first job of each set.
 *
 * @param model whose limit they count against
 * @param needs what a backend must have, as a canonical text: equal texts mean equal needs; empty for nothing
 */
public record RequirementSet(QueueName queue, Lane lane, ModelName model, String needs) {
    /** That of a job in a lane. */
    public static RequirementSet of(JobSpec spec, Lane lane) {
        return new RequirementSet(spec.queue(), lane, spec.model(), spec.needs().toString());
    }
}
