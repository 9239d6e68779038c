package io.tollgate.comfyui;

/**
 * One thing that is wrong with a graph. Printable and short, whatever was sent.
 *
 * @param node the id of the node, empty if it is about the whole
 * @param field the input of the node, {@code class_type} or {@code inputs}; empty if it is about the node as such
 * @param reason what is wrong in one word for programs, such as {@code link_to_missing_node}
 * @param text what is wrong and what is allowed, for people
 */
public record GraphProblem(String node, String field, String reason, String text) {
    /** The reason of a graph in the format of ComfyUI's editor. */
    public static final String UI_FORMAT = "workflow_format_ui";

    /** The JSON Pointer of what is wrong; empty for the whole. */
    public String pointer() {
        if (node.isEmpty()) {
            return "";
        }
        String at = "/" + escaped(node);
        return switch (field) {
            case "" -> at;
            case "class_type", "inputs" -> at + "/" + field;
            default -> at + "/inputs/" + escaped(field);
        };
    }

    /** One line: where and what. */
    @Override
    public String toString() {
        return node.isEmpty() ? text : pointer() + ": " + text;
    }

    private static String escaped(String word) {
        return word.replace("~", "~0").replace("/", "~1");
    }
}
