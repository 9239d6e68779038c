package io.tollgate.queue.backend;

import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a backend is asked to run.
 *
 * @param runId the name under which the run can be found again
 * @param workflow the recipe's name, for messages
 * @param recipe the workflow's settings for this kind of backend; what they mean is the backend's business
 * @param inputs checked values by input name, defaults filled in
 * @param files gives the bytes of the assets among the inputs
 * @param about whose run it is, if it is a job's
 */
public record RunRequest(
        RunId runId,
        WorkflowName workflow,
        Map<String, String> recipe,
        Map<String, InputValue> inputs,
        Files files,
        Optional<About> about) {
    public RunRequest {
        recipe = Map.copyOf(recipe);
        inputs = Map.copyOf(inputs);
    }

    /** A run that is nobody's. */
    public RunRequest(
            RunId runId,
            WorkflowName workflow,
            Map<String, String> recipe,
            Map<String, InputValue> inputs,
            Files files) {
        this(runId, workflow, recipe, inputs, files, Optional.empty());
    }

    /**
     * The job that a run is for.
     *
     * @param attempt which try, from 1
     */
    public record About(JobId job, int attempt, ModelName model) {}

    /** The input files of a run. */
    @FunctionalInterface
    public interface Files {
        /**
         * A readable local file with the asset's bytes. It is not the caller's: read it, don't change it.
         *
         * @throws IOException if the asset is gone or can't be read
         */
        Path open(AssetId id) throws IOException;
    }
}
