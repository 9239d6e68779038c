package io.tollgate.queue.backend;

import io.tollgate.queue.job.Failure;
import java.util.List;

/** How a run ended, as its backend tells it. */
public sealed interface RunOutcome {
    /**
     * It ran to its end.
     *
     * @param outputs what it made, in the backend's order
     */
    record Succeeded(List<Produced> outputs) implements RunOutcome {
        public Succeeded {
            outputs = List.copyOf(outputs);
        }
    }

    /**
     * It failed for good.
     *
     * @param failure why
     * @param outputs what it had made before, for a partial delivery
     */
    record Failed(Failure failure, List<Produced> outputs) implements RunOutcome {
        public Failed {
            outputs = List.copyOf(outputs);
        }
    }

    /** It was stopped on request and made nothing that counts. */
    record Canceled() implements RunOutcome {}

    /** The backend no longer knows it and will not run it: safe to run again. */
    record Lost() implements RunOutcome {}
}
