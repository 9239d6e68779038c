package io.tollgate.comfyui;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.queue.job.RunId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What we write into a prompt's {@code extra_data}, so that a run can be found on a server that gives it an id of its
 * own, and its outputs be told apart by a process that did not submit it.
 *
 * @param run the run's id; empty if the prompt is no Tollgate's
 * @param outputs the nodes whose outputs count; empty for all
 */
record RunLabel(Optional<RunId> run, List<String> outputs) {
    static final RunLabel NONE = new RunLabel(Optional.empty(), List.of());
    private static final String KEY = "tollgate";
    private static final String RUN = "run";
    private static final String OUTPUTS = "outputs";
    private static final int MOST_OUTPUTS = 2_000;

    RunLabel {
        outputs = List.copyOf(outputs);
    }

    /** Writes it into {@code extra_data}. */
    static void write(ObjectNode extraData, RunId run, Collection<String> outputs) {
        ObjectNode label = extraData.putObject(KEY);
        label.put(RUN, run.toString());
        outputs.forEach(label.putArray(OUTPUTS)::add);
    }

    /** Reads it from the {@code extra_data} that the parser stands on. Anybody may have written it: takes anything. */
    static RunLabel read(JsonParser json) throws IOException {
        RunLabel found = NONE;
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return found;
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean ours = json.currentName().equals(KEY);
            if (json.nextToken() == JsonToken.START_OBJECT && ours) {
                found = readLabel(json);
            } else {
                json.skipChildren();
            }
        }
        return found;
    }

    private static RunLabel readLabel(JsonParser json) throws IOException {
        Optional<RunId> run = Optional.empty();
        List<String> outputs = new ArrayList<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken token = json.nextToken();
            if (field.equals(RUN)) {
                run = runId(Json.textOrNull(json));
            } else if (field.equals(OUTPUTS) && token == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    String node = Json.textOrNull(json);
                    if (node != null && outputs.size() < MOST_OUTPUTS) {
                        outputs.add(node);
                    }
                }
            } else {
                json.skipChildren();
            }
        }
        return new RunLabel(run, outputs);
    }

    private static Optional<RunId> runId(@Nullable String text) {
        try {
            return text == null ? Optional.empty() : Optional.of(RunId.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // somebody else's idea of a run
        }
    }
}
