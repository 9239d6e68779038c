package io.tollgate.comfyui;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.queue.event.Preview;
import io.tollgate.queue.media.ContentTypes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * A binary message of the websocket that carries a picture: type 1, the picture behind its format, and type 4, behind a
 * length and a JSON text that says whose it is. Numbers are 32 bits, the highest byte first.
 *
 * @param promptId whose it is, if it says
 */
record PreviewFrame(Optional<String> promptId, Preview preview) {
    private static final int PLAIN = 1;
    private static final int LABELED = 4;
    private static final int LONGEST_LABEL = 64 << 10;

    /** Reads a message; empty if it is something else, or no picture. */
    static Optional<PreviewFrame> parse(byte[] message) {
        if (message.length < 9) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(message);
        int type = bytes.getInt();
        int second = bytes.getInt();
        if (type == PLAIN) {
            return picture(message, 8, Optional.empty(), Optional.empty());
        }
        if (type != LABELED || second < 0 || second > Math.min(LONGEST_LABEL, bytes.remaining())) {
            return Optional.empty();
        }
        try {
            JsonNode label = Json.MAPPER.readTree(message, 8, second);
            return picture(message, 8 + second, text(label, "prompt_id"), text(label, "node_id"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(JsonNode label, String field) {
        return Optional.ofNullable(label.path(field).textValue());
    }

    private static Optional<PreviewFrame> picture(
            byte[] message, int from, Optional<String> promptId, Optional<String> node) {
        byte[] picture = Arrays.copyOfRange(message, from, message.length);
        String type = ContentTypes.sniff(picture);
        return type.startsWith("image/")
                ? Optional.of(new PreviewFrame(promptId, new Preview(type, picture, node.map(Wording::name))))
                : Optional.empty();
    }
}
