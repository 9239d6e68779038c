package io.tollgate.comfyui;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Where in a graph a value goes.
 *
 * @param pointer a JSON Pointer to something that is there, inside of a node's inputs
 */
record Place(JsonPointer pointer) {
    /** The node it is in. */
    String node() {
        return pointer.getMatchingProperty();
    }

    /** What stands there. */
    JsonNode in(ObjectNode graph) {
        return graph.at(pointer);
    }

    /** Puts a value there. */
    void put(ObjectNode graph, JsonNode value) {
        JsonNode around = graph.at(pointer.head());
        JsonPointer last = pointer.last();
        if (around instanceof ObjectNode object) {
            object.set(last.getMatchingProperty(), value);
        } else if (around instanceof ArrayNode array) {
            array.set(last.getMatchingIndex(), value);
        } else {
            throw new IllegalStateException("nothing to put a value into at " + pointer);
        }
    }

    @Override
    public String toString() {
        return pointer.toString();
    }
}
