package io.tollgate.comfyui;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.queue.job.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads why a server refused a graph: the whole of it, or one of its outputs. */
final class Refusals {
    private static final int MOST_SHOWN = 5;
    /** Before 0.12.0 a missing class is told in words only. */
    private static final Pattern MISSING_NODE = Pattern.compile("node (.{1,300}) does not exist");

    private Refusals() {}

    /**
     * Reads the body of a refusal.
     *
     * @param secrets texts of the user's, which the reason doesn't repeat
     */
    static ComfyError read(byte[] body, Collection<String> secrets) {
        try {
            JsonNode root = Json.MAPPER.readTree(body);
            if (root == null
                    || !(root.path("error").isObject() || root.path("error").isTextual())) {
                return ComfyError.protocol("POST /prompt", 400, body, secrets);
            }
            return read(root.path("error"), root.path("node_errors"), secrets);
        } catch (IOException e) {
            return ComfyError.protocol("POST /prompt", 400, body, secrets);
        }
    }

    /** What is wrong, from a general error and the errors of nodes; either may be empty. */
    static ComfyError.Refused read(JsonNode error, JsonNode nodeErrors, Collection<String> secrets) {
        Set<String> missing = new HashSet<>();
        List<String> reasons = new ArrayList<>();
        missingNode(error, missing);
        boolean inputGone = false;
        boolean onlyMissing = true;
        for (var node : nodeErrors.properties()) {
            String nodeClass = node.getValue().path("class_type").asText("?");
            for (JsonNode problem : node.getValue().path("errors")) {
                reasons.add("node " + Wording.name(node.getKey()) + " (" + Wording.name(nodeClass) + "): "
                        + reason(problem, secrets));
                String received =
                        problem.path("extra_info").path("received_value").asText("");
                if (problem.path("type").asText("").equals("value_not_in_list") && Tags.isModelFile(received)) {
                    missing.add(Tags.model(received));
                } else if (problem.path("details").asText("").contains("Invalid image file")) {
                    inputGone = true;
                    onlyMissing = false;
                } else {
                    onlyMissing = false;
                }
            }
        }
        boolean incapable = !missing.isEmpty() && onlyMissing;
        if (reasons.isEmpty()) {
            reasons.add(error.isTextual() ? Wording.line(error.asText(), secrets) : reason(error, secrets));
        }
        String all = String.join("; ", reasons.subList(0, Math.min(MOST_SHOWN, reasons.size())))
                + (reasons.size() > MOST_SHOWN ? "; and " + (reasons.size() - MOST_SHOWN) + " more" : "");
        return new ComfyError.Refused( // whether it is so, the server's list has to say
                incapable ? Failure.Kind.INCAPABLE : Failure.Kind.BAD_WORKFLOW, all, missing, inputGone);
    }

    private static void missingNode(JsonNode error, Set<String> missing) {
        String type = error.path("type").asText("");
        JsonNode named = error.path("extra_info").path("class_type");
        if (type.equals("missing_node_type") && named.isTextual()) {
            missing.add(Tags.node(named.asText()));
        } else if (type.equals("invalid_prompt")) {
            Matcher words = MISSING_NODE.matcher(error.path("message").asText(""));
            if (words.find()) {
                missing.add(Tags.node(words.group(1)));
            }
        }
    }

    private static String reason(JsonNode problem, Collection<String> secrets) {
        String message = Wording.line(problem.path("message").asText(""), secrets);
        String details = Wording.line(problem.path("details").asText(""), secrets);
        return details.isEmpty() || details.equals(message) ? message : message + ": " + details;
    }
}
