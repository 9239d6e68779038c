package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;

/** JSON as Python's {@code json} module writes it: a blank after each comma and colon, only ASCII. */
final class Json {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectWriter WRITER = MAPPER.writer(new Blanks());

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    static ArrayNode strings(Collection<String> values) {
        ArrayNode array = array();
        values.forEach(array::add);
        return array;
    }

    /** Reads one value. Throws a {@link PythonError} on anything else, as {@code json.loads} does. */
    static JsonNode read(byte[] body) {
        try {
            JsonNode node = MAPPER.readTree(body);
            if (node == null || node.isMissingNode()) {
                throw new PythonError("JSONDecodeError", "Expecting value: line 1 column 1 (char 0)");
            }
            return node;
        } catch (IOException e) {
            throw new PythonError("JSONDecodeError", String.valueOf(e.getMessage()), e);
        }
    }

    static String write(JsonNode node) {
        try {
            return WRITER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    /** The {@code repr} or, for a bare string, the {@code str} of a value. */
    static String str(JsonNode node) {
        return node.isTextual() ? node.textValue() : repr(node);
    }

    static String repr(JsonNode node) {
        if (node.isTextual()) {
            String text = node.textValue();
            String quote = text.contains("'") && !text.contains("\"") ? "\"" : "'";
            return quote + text.replace("\\", "\\\\").replace("\n", "\\n") + quote;
        }
        if (node.isNull()) {
            return "None";
        }
        if (node.isBoolean()) {
            return node.booleanValue() ? "True" : "False";
        }
        StringBuilder out = new StringBuilder();
        if (node.isArray()) {
            node.forEach(item -> out.append(out.isEmpty() ? "" : ", ").append(repr(item)));
            return "[" + out + "]";
        }
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                out.append(out.isEmpty() ? "" : ", ")
                        .append('\'')
                        .append(entry.getKey())
                        .append("': ")
                        .append(repr(entry.getValue()));
            }
            return "{" + out + "}";
        }
        return node.asText();
    }

    /** Whether Python would call the value true. */
    static boolean truthy(JsonNode node) {
        if (node.isNull() || node.isMissingNode()) {
            return false;
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isNumber()) {
            return node.doubleValue() != 0;
        }
        return node.isTextual() ? !node.textValue().isEmpty() : !node.isEmpty();
    }

    private static final class Blanks extends MinimalPrettyPrinter {
        private static final long serialVersionUID = 1;

        @Override
        public void writeObjectFieldValueSeparator(JsonGenerator g) throws IOException {
            g.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator g) throws IOException {
            g.writeRaw(", ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator g) throws IOException {
            g.writeRaw(", ");
        }
    }
}
