package io.tollgate.queue.gate;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.workflow.GraphReading;
import io.tollgate.queue.workflow.InputSpec;
import io.tollgate.queue.workflow.Workflow;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a policy gets to see of a request.
 *
 * @param user who asks
 * @param workflow what is to be run
 * @param texts what the user wrote, by field, such as {@code inputs.prompt}, in the workflow's order
 */
public record PolicyRequest(UserId user, WorkflowName workflow, Map<String, String> texts) {
    public PolicyRequest {
        texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
    }

    /** A request with these checked inputs; of them, the free texts are shown, and those of a graph. */
    public static PolicyRequest of(
            UserId user, Workflow workflow, Map<String, InputValue> inputs, Optional<GraphReading.Fit> graph) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (InputSpec spec : workflow.inputs()) {
            if (spec.kind() == InputSpec.Kind.TEXT && inputs.get(spec.name()) instanceof InputValue.Text text) {
                texts.put("inputs." + spec.name(), text.value());
            }
        }
        graph.ifPresent(fit -> fit.texts().forEach((place, text) -> texts.put("graph." + place, text)));
        return new PolicyRequest(user, workflow.name(), texts);
    }

    /** Without the texts, for prompts must not get into logs. */
    @Override
    public String toString() {
        return "PolicyRequest[user=" + user + ", workflow=" + workflow + ", fields=" + texts.keySet() + "]";
    }
}
