package io.tollgate.comfyui;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How answers of a server are read: one token after the other, what isn't needed skipped unread, with bounds that
 * hostile bytes run into. Python writes NaN and Infinity, so they are read.
 */
final class Json {
    /** Deeper than Python's own reader goes (1000), as other people's prompts in the queue may be. */
    private static final int DEPTH = 2_000;

    private static final int BODY_START = 120;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH)
                    .maxNameLength(100_000)
                    .maxNumberLength(1_000)
                    .maxStringLength(16 << 20)
                    .build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    static final ObjectMapper MAPPER = JsonMapper.builder(FACTORY).build();

    /** Reads something from a parser that stands before the first token. */
    @FunctionalInterface
    interface Reader<T> {
        T read(JsonParser json) throws IOException;
    }

    private Json() {}

    /**
     * Reads an answer.
     *
     * @throws ComfyException with {@link ComfyError.Protocol}, which shows how the body begins, if it isn't what it
     *     should be
     */
    static <T> T read(String what, byte[] body, Reader<T> reader) {
        return read(what, body, List.of(), reader);
    }

    /** The same for an answer that may repeat these texts of the user's, which no message shows. */
    static <T> T read(String what, byte[] body, Collection<String> secrets, Reader<T> reader) {
        try (JsonParser json = FACTORY.createParser(body)) {
            return reader.read(json);
        } catch (IOException | RuntimeException e) {
            throw new ComfyException(ComfyError.protocol(what, body, secrets), e);
        }
    }

    /** Steps into an object. */
    static void enterObject(JsonParser json) throws IOException {
        expect(json.nextToken(), JsonToken.START_OBJECT);
    }

    static void expect(@Nullable JsonToken found, JsonToken wanted) throws IOException {
        if (found != wanted) {
            throw new IOException("found " + found + " instead of " + wanted);
        }
    }

    /** The value that the parser stands on as text; null, having skipped it, if it is none. */
    static @Nullable String textOrNull(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            return json.getText();
        }
        json.skipChildren();
        return null;
    }

    /** How a body begins, on one line and harmless to print. */
    static String start(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, 4 * BODY_START), StandardCharsets.UTF_8);
        StringBuilder line = new StringBuilder();
        text.codePoints()
                .limit(BODY_START)
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
                .forEach(line::appendCodePoint);
        return line.toString().strip();
    }
}
