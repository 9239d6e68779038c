package io.tollgate.queue.backend;

import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.RunId;

/** What became of handing a run to a backend. */
public sealed interface Submission {
    /**
     * The backend has it and its listener will hear of it.
     *
     * @param runId the name the backend knows it by: ours, unless the backend insists on its own
     */
    record Accepted(RunId runId) implements Submission {}

    /** The backend refused it: it does not run and never will. */
    record Rejected(Failure failure) implements Submission {}

    /** It certainly never arrived. */
    record Unreachable(String reason) implements Submission {}

    /** Nobody can say whether it arrived: look for it before anything else. */
    record Unclear(String reason) implements Submission {}
}
