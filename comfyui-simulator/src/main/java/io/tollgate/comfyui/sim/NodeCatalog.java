package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The node classes of one server, from {@code object_info.json}: what {@code /object_info} shows and what a prompt is
 * validated against. Lists of files are looked up each time they are needed.
 */
final class NodeCatalog {

    private static final List<String> NEWER_FIELDS =
            List.of("is_input_list", "has_intermediate_output", "search_aliases", "essentials_category");

    private final ObjectNode classes;
    private final Map<String, Supplier<List<String>>> lists;

    /** @param lists what stands for a name such as {@code $checkpoints} in the data file */
    NodeCatalog(ComfyVersion version, Map<String, Supplier<List<String>>> lists) {
        this.lists = Map.copyOf(lists);
        try (InputStream in = NodeCatalog.class.getResourceAsStream("object_info.json")) {
            if (in == null) {
                throw new IllegalStateException("object_info.json is not on the class path");
            }
            classes = (ObjectNode) Json.read(in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException("object_info.json can't be read", e);
        }
        if (!version.namesMissingNodes()) {
            classes.forEach(node -> ((ObjectNode) node).remove(NEWER_FIELDS));
            for (String field : List.of("output", "output_is_list", "output_name")) {
                ((ObjectNode) classes.path("SaveImage")).set(field, Json.array());
            }
        }
    }

    boolean has(String type) {
        return classes.has(type);
    }

    boolean isOutput(String type) {
        return classes.path(type).path("output_node").asBoolean();
    }

    boolean takesLists(String type) {
        return type.equals("RebatchImages");
    }

    /** The types that a class puts out, in order of its slots. */
    List<String> outputs(String type) {
        List<String> outputs = new ArrayList<>();
        classes.path(type).path("output").forEach(output -> outputs.add(output.asText()));
        return outputs;
    }

    boolean givesList(String type, int slot) {
        return classes.path(type).path("output_is_list").path(slot).asBoolean();
    }

    /** One declared input. {@code config} is what refusals show: its type and its settings. */
    record Input(String name, boolean required, ArrayNode config) {
        JsonNode type() {
            return config.path(0);
        }

        JsonNode settings() {
            return config.path(1);
        }

        /** The choices, of either style, or nothing if it is no list. */
        Optional<JsonNode> choices() {
            if (type().isArray()) {
                return Optional.of(type());
            }
            return type().asText().equals("COMBO") ? Optional.of(settings().path("options")) : Optional.empty();
        }

        String typeName() {
            return type().isArray() ? Json.repr(type()) : type().asText();
        }
    }

    /** The declared inputs, required ones first. */
    List<Input> inputs(String type) {
        List<Input> inputs = new ArrayList<>();
        for (String group : List.of("required", "optional")) {
            for (Map.Entry<String, JsonNode> entry :
                    classes.path(type).path("input").path(group).properties()) {
                ArrayNode config = Json.array();
                config.add(resolved(entry.getValue().path(0)));
                config.add(entry.getValue().size() > 1 ? entry.getValue().path(1) : Json.object());
                inputs.add(new Input(entry.getKey(), group.equals("required"), config));
            }
        }
        return inputs;
    }

    /** All classes as {@code /object_info} shows them. */
    ObjectNode shown() {
        ObjectNode all = Json.object();
        classes.fieldNames().forEachRemaining(type -> all.setAll(shown(type)));
        return all;
    }

    /** One class under its name; an empty object if there is none. */
    ObjectNode shown(String type) {
        ObjectNode answer = Json.object();
        @Nullable JsonNode known = classes.get(type);
        if (known != null) {
            ObjectNode copy = known.deepCopy();
            for (JsonNode group : copy.path("input")) {
                for (JsonNode input : group) {
                    if (input.isArray() && input.path(0).isTextual()) {
                        ((ArrayNode) input).set(0, resolved(input.path(0)));
                    }
                }
            }
            answer.set(type, copy);
        }
        return answer;
    }

    private JsonNode resolved(JsonNode type) {
        @Nullable Supplier<List<String>> list = type.isTextual() ? lists.get(type.textValue()) : null;
        return list == null ? type : Json.strings(list.get());
    }

    /** The lists of the data file, by the names that stand for them. */
    static Map<String, Supplier<List<String>>> lists(Supplier<List<String>> images, Models models) {
        Map<String, Supplier<List<String>>> lists = new LinkedHashMap<>();
        lists.put("$input_images", images);
        lists.put("$checkpoints", models::checkpoints);
        lists.put("$loras", models::loras);
        lists.put("$vae", models::vaes);
        return lists;
    }

    /** The model files that the server believes to have. */
    record Models(List<String> checkpoints, List<String> loras, List<String> vaes) {
        Models {
            checkpoints = List.copyOf(checkpoints);
            loras = List.copyOf(loras);
            vaes = List.copyOf(vaes);
        }
    }
}
