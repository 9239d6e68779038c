package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Checks a prompt as the real server does before it queues it: from each output node back along the links, with the
 * same bodies of refusal, the same blind spots, and the same habit of writing converted values back into the prompt.
 */
final class PromptValidator {

    private static final int LONGEST_SHOWN_LIST = 20;

    private final NodeCatalog catalog;
    private final ComfyVersion version;
    private final Predicate<String> imageExists;

    PromptValidator(NodeCatalog catalog, ComfyVersion version, Predicate<String> imageExists) {
        this.catalog = catalog;
        this.version = version;
        this.imageExists = imageExists;
    }

    /** What came of it: an error if nothing can be run, else the outputs to run, and what was wrong with the others. */
    record Verdict(@Nullable ObjectNode error, List<String> outputs, ObjectNode nodeErrors) {}

    /**
     * Checks a prompt.
     *
     * @param targets the only outputs to run, or null for all
     * @throws PythonError if the real server would stumble and answer 500
     */
    Verdict validate(JsonNode prompt, @Nullable Set<String> targets) {
        if (!prompt.isObject()) {
            throw new PythonError("TypeError", "prompt is no dict");
        }
        List<String> outputs = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : prompt.properties()) {
            if (!entry.getValue().isObject()) {
                throw new PythonError("TypeError", "argument of type 'int' is not iterable");
            }
            @Nullable ObjectNode missing = missingClass(entry.getKey(), entry.getValue());
            if (missing != null) {
                return new Verdict(missing, List.of(), Json.object());
            }
            if (catalog.isOutput(entry.getValue().path("class_type").asText())
                    && (targets == null || targets.contains(entry.getKey()))) {
                outputs.add(entry.getKey());
            }
        }
        if (outputs.isEmpty()) {
            return new Verdict(
                    error("prompt_no_outputs", "Prompt has no outputs", "", Json.object()), List.of(), Json.object());
        }
        Walk walk = new Walk((ObjectNode) prompt);
        List<String> good = new ArrayList<>();
        List<String> details = new ArrayList<>();
        ObjectNode nodeErrors = Json.object();
        for (String output : outputs) {
            Result result = walk.checkOutput(output);
            if (result.valid()) {
                good.add(output);
                continue;
            }
            walk.report(output, nodeErrors);
            result.reasons()
                    .forEach(reason -> details.add(reason.path("message").asText() + ": "
                            + reason.path("details").asText()));
        }
        if (good.isEmpty()) {
            ObjectNode error = error(
                    "prompt_outputs_failed_validation",
                    "Prompt outputs failed validation",
                    String.join("\n", details),
                    Json.object());
            return new Verdict(error, good, nodeErrors);
        }
        return new Verdict(null, good, nodeErrors);
    }

    private @Nullable ObjectNode missingClass(String id, JsonNode node) {
        @Nullable JsonNode type = node.get("class_type");
        String details = "Node ID '#" + id + "'";
        if (type != null && catalog.has(type.asText())) {
            return null;
        }
        if (!version.namesMissingNodes()) {
            String message = type == null
                    ? "Cannot execute because a node is missing the class_type property."
                    : "Cannot execute because node " + Json.str(type) + " does not exist.";
            return error("invalid_prompt", message, details, Json.object());
        }
        JsonNode title = node.path("_meta").path("title");
        ObjectNode extra = Json.object().put("node_id", id);
        if (type == null) {
            extra.putNull("class_type");
            if (title.isTextual()) {
                extra.set("node_title", title);
            } else {
                extra.putNull("node_title");
            }
            String name = title.isTextual() ? title.asText() : "ID #" + id;
            return error(
                    "missing_node_type",
                    "Node '" + name + "' has no class_type. The workflow may be corrupted or a custom node is missing.",
                    details,
                    extra);
        }
        String name = title.isTextual() ? title.asText() : Json.str(type);
        extra.set("class_type", type);
        extra.put("node_title", name);
        return error(
                "missing_node_type",
                "Node '" + name + "' not found. The custom node may not be installed.",
                details,
                extra);
    }

    static ObjectNode error(String type, String message, String details, ObjectNode extra) {
        ObjectNode error =
                Json.object().put("type", type).put("message", message).put("details", details);
        error.set("extra_info", extra);
        return error;
    }

    private record Result(boolean valid, List<ObjectNode> reasons) {}

    /** One walk through one prompt; a node is looked at once. */
    private final class Walk {
        private final ObjectNode prompt;
        private final Map<String, Result> seen = new LinkedHashMap<>();
        private final List<String> path = new ArrayList<>();

        Walk(ObjectNode prompt) {
            this.prompt = prompt;
        }

        Result checkOutput(String output) {
            try {
                return check(output);
            } catch (PythonError e) {
                path.clear();
                ObjectNode extra = Json.object().put("exception_type", e.type());
                extra.putArray("traceback").add("  File \"/comfyui/execution.py\", line 1, in validate_prompt\n");
                Result result = new Result(
                        false,
                        List.of(error(
                                "exception_during_validation", "Exception when validating node", e.text(), extra)));
                seen.put(output, result);
                return result;
            }
        }

        void report(String output, ObjectNode nodeErrors) {
            seen.forEach((id, result) -> {
                if (result.valid() || result.reasons().isEmpty()) {
                    return;
                }
                if (!nodeErrors.has(id)) {
                    ObjectNode entry = nodeErrors.putObject(id);
                    ArrayNode reasons = entry.putArray("errors");
                    result.reasons().forEach(reasons::add);
                    entry.putArray("dependent_outputs");
                    entry.set("class_type", prompt.path(id).path("class_type"));
                }
                ((ArrayNode) nodeErrors.path(id).path("dependent_outputs")).add(output);
            });
        }

        private Result check(String id) {
            @Nullable Result known = seen.get(id);
            if (known != null) {
                return known;
            }
            path.add(id);
            JsonNode node = prompt.path(id);
            if (!(node.path("inputs") instanceof ObjectNode inputs)) {
                throw new PythonError("KeyError", "'inputs'");
            }
            String type = node.path("class_type").asText();
            List<ObjectNode> reasons = new ArrayList<>();
            boolean valid = true;
            for (NodeCatalog.Input input : catalog.inputs(type)) {
                @Nullable JsonNode value = inputs.get(input.name());
                if (value == null) {
                    if (input.required()) {
                        reasons.add(error(
                                "required_input_missing",
                                "Required input is missing",
                                input.name(),
                                Json.object().put("input_name", input.name())));
                    }
                } else if (value.isArray()) {
                    valid &= checkLink(input, (ArrayNode) value, reasons);
                } else {
                    checkValue(type, input, value, inputs, reasons);
                }
            }
            path.remove(path.size() - 1);
            @Nullable Result meanwhile = seen.get(id);
            if (meanwhile != null) {
                return meanwhile;
            }
            Result result = new Result(valid && reasons.isEmpty(), reasons);
            seen.put(id, result);
            return result;
        }

        /** Looks at a link and what is behind it. False if what is behind it is bad. */
        private boolean checkLink(NodeCatalog.Input input, ArrayNode link, List<ObjectNode> reasons) {
            if (link.size() != 2) {
                ObjectNode extra = described(input);
                extra.set("received_value", link);
                reasons.add(error(
                        "bad_linked_input",
                        "Bad linked input, must be a length-2 list of [node_id, slot_index]",
                        input.name(),
                        extra));
                return true;
            }
            String from = link.path(0).asText();
            if (!link.path(0).isTextual() || !prompt.has(from)) {
                throw new PythonError("KeyError", Json.repr(link.path(0)));
            }
            List<String> slots =
                    catalog.outputs(prompt.path(from).path("class_type").asText());
            int slot = link.path(1).asInt(-1);
            if (slot < 0 || slot >= slots.size()) {
                throw new PythonError("IndexError", "tuple index out of range");
            }
            String received = slots.get(slot);
            if (!fits(received, input)) {
                ObjectNode extra = described(input);
                extra.put("received_type", received);
                extra.set("linked_node", link);
                reasons.add(error(
                        "return_type_mismatch",
                        "Return type mismatch between linked nodes",
                        input.name() + ", received_type(" + received + ") mismatch input_type(" + input.typeName()
                                + ")",
                        extra));
                return true;
            }
            int loop = path.indexOf(from);
            if (loop >= 0) {
                reportLoop(path.subList(loop, path.size()));
                return false;
            }
            return check(from).valid();
        }

        private void reportLoop(List<String> loop) {
            StringBuilder way = new StringBuilder();
            for (String id : loop) {
                way.append(named(id)).append(" -> ");
            }
            way.append(named(loop.get(0)));
            for (String id : loop) {
                ObjectNode extra = Json.object().put("node_id", id);
                extra.set("cycle_nodes", Json.strings(loop));
                seen.put(
                        id,
                        new Result(
                                false,
                                List.of(error(
                                        "dependency_cycle", "Dependency cycle detected", way.toString(), extra))));
            }
        }

        private String named(String id) {
            return id + " (" + prompt.path(id).path("class_type").asText() + ")";
        }

        private void checkValue(
                String type, NodeCatalog.Input input, JsonNode raw, ObjectNode inputs, List<ObjectNode> reasons) {
            JsonNode value;
            try {
                value = converted(input.typeName(), raw);
            } catch (PythonError e) {
                ObjectNode extra = described(input);
                extra.set("received_value", raw);
                extra.put("exception_message", e.text());
                reasons.add(error(
                        "invalid_input_type",
                        "Failed to convert an input value to a " + input.typeName() + " value",
                        input.name() + ", " + Json.str(raw) + ", " + e.text(),
                        extra));
                return;
            }
            inputs.set(input.name(), value);
            if (type.startsWith("LoadImage") && input.name().equals("image")) {
                if (!imageExists.test(Json.str(value))) {
                    reasons.add(error(
                            "custom_validation_failed",
                            "Custom validation failed for node",
                            "image - Invalid image file: " + Json.str(value),
                            Json.object().put("input_name", "image")));
                }
                return;
            }
            if (value.isNumber() && outOfRange(input, value, reasons)) {
                return;
            }
            input.choices().ifPresent(choices -> checkChoice(input, value, choices, reasons));
        }

        private boolean outOfRange(NodeCatalog.Input input, JsonNode value, List<ObjectNode> reasons) {
            @Nullable JsonNode min = input.settings().get("min");
            @Nullable JsonNode max = input.settings().get("max");
            ObjectNode extra = described(input);
            extra.set("received_value", value);
            if (min != null && value.decimalValue().compareTo(min.decimalValue()) < 0) {
                String message = "Value " + Json.str(value) + " smaller than min of " + Json.str(min);
                reasons.add(error("value_smaller_than_min", message, input.name(), extra));
                return true;
            }
            if (max != null && value.decimalValue().compareTo(max.decimalValue()) > 0) {
                String message = "Value " + Json.str(value) + " bigger than max of " + Json.str(max);
                reasons.add(error("value_bigger_than_max", message, input.name(), extra));
                return true;
            }
            return false;
        }

        private void checkChoice(NodeCatalog.Input input, JsonNode value, JsonNode choices, List<ObjectNode> reasons) {
            for (JsonNode choice : choices) {
                if (choice.equals(value)) {
                    return;
                }
            }
            ObjectNode extra = Json.object().put("input_name", input.name());
            String list = Json.repr(choices);
            if (choices.size() > LONGEST_SHOWN_LIST) {
                list = "(list of length " + choices.size() + ")";
                extra.putNull("input_config");
            } else {
                extra.set("input_config", input.config());
            }
            extra.set("received_value", value);
            reasons.add(error(
                    "value_not_in_list",
                    "Value not in list",
                    input.name() + ": '" + Json.str(value) + "' not in " + list,
                    extra));
        }

        private ObjectNode described(NodeCatalog.Input input) {
            ObjectNode extra = Json.object().put("input_name", input.name());
            extra.set("input_config", input.config());
            return extra;
        }
    }

    private static boolean fits(String received, NodeCatalog.Input input) {
        if (received.equals("*") || input.type().asText().equals("*")) {
            return true;
        }
        return input.choices().isPresent()
                ? received.equals("COMBO")
                : received.equals(input.type().asText());
    }

    private static JsonNode converted(String type, JsonNode value) {
        return switch (type) {
            case "INT" -> whole(value);
            case "FLOAT" -> decimal(value);
            case "STRING" -> TextNode.valueOf(Json.str(value));
            case "BOOLEAN" -> BooleanNode.valueOf(Json.truthy(value));
            default -> value;
        };
    }

    private static JsonNode whole(JsonNode value) {
        if (value.isIntegralNumber()) {
            return value;
        }
        BigInteger whole;
        if (value.isNumber()) {
            whole = value.decimalValue().toBigInteger();
        } else if (value.isBoolean()) {
            whole = value.booleanValue() ? BigInteger.ONE : BigInteger.ZERO;
        } else if (value.isTextual()) {
            try {
                whole = new BigInteger(value.textValue().strip());
            } catch (NumberFormatException e) {
                throw new PythonError("ValueError", "invalid literal for int() with base 10: " + Json.repr(value), e);
            }
        } else {
            throw new PythonError(
                    "TypeError",
                    "int() argument must be a string, a bytes-like object or a real number, not " + pythonType(value));
        }
        return whole.bitLength() < Long.SIZE ? LongNode.valueOf(whole.longValue()) : BigIntegerNode.valueOf(whole);
    }

    /** The value as Python's {@code float()} takes it. */
    static DoubleNode decimal(JsonNode value) {
        if (value.isNumber()) {
            return DoubleNode.valueOf(value.doubleValue());
        }
        if (value.isBoolean()) {
            return DoubleNode.valueOf(value.booleanValue() ? 1 : 0);
        }
        if (value.isTextual()) {
            try {
                return DoubleNode.valueOf(new BigDecimal(value.textValue().strip()).doubleValue());
            } catch (NumberFormatException e) {
                throw new PythonError("ValueError", "could not convert string to float: " + Json.repr(value), e);
            }
        }
        throw new PythonError(
                "TypeError", "float() argument must be a string or a real number, not " + pythonType(value));
    }

    private static String pythonType(JsonNode value) {
        return value.isNull() ? "'NoneType'" : "'dict'";
    }
}
