package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One prompt in the queue, as the tuple that the real server compares: number, id, prompt, extra data, outputs.
 *
 * @param number a whole number from the server's counter, or a decimal one that the client chose
 * @param foreign whether it was put there by {@link ComfySimulator#foreign}
 */
record QueueItem(
        JsonNode number, String id, ObjectNode prompt, ObjectNode extraData, List<String> outputs, boolean foreign) {

    QueueItem {
        outputs = List.copyOf(outputs);
    }

    /**
     * Whether this one is smaller, in the sense of Python's tuples.
     *
     * @throws PythonError if number and id are equal and then two unequal dicts would have to be compared
     */
    boolean lessThan(QueueItem other) {
        int byNumber = Double.compare(number.doubleValue(), other.number.doubleValue());
        if (byNumber != 0) {
            return byNumber < 0;
        }
        int byId = id.compareTo(other.id);
        if (byId != 0) {
            return byId < 0;
        }
        if (!prompt.equals(other.prompt) || !extraData.equals(other.extraData)) {
            throw new PythonError("TypeError", "'<' not supported between instances of 'dict' and 'dict'");
        }
        return outputs.toString().compareTo(other.outputs.toString()) < 0;
    }

    /** Who posted it: {@code client_id}, if there was one. */
    Optional<String> clientId() {
        @Nullable JsonNode client = extraData.get("client_id");
        return client == null || client.isNull() ? Optional.empty() : Optional.of(Json.str(client));
    }

    /** The item as {@code /queue} and {@code /history} show it. */
    ArrayNode shown() {
        ArrayNode item = Json.array();
        item.add(number).add(id).add(prompt).add(extraData).add(Json.strings(outputs));
        return item;
    }
}
