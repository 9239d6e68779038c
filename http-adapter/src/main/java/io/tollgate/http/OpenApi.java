package io.tollgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The contract of this API, {@code openapi.yaml}, in each form it is answered in. Immutable; read once a process. */
final class OpenApi {
    private final JsonNode document;
    private final Answer.Bytes yaml;
    private final Answer.Bytes json;
    private final Answer.Bytes page;

    /** Read at the first look, and not by who never looks. */
    private static final class Shipped {
        static final OpenApi ONE = read();

        private Shipped() {}
    }

    private OpenApi(byte[] text, JsonNode document, String style) {
        this.document = document;
        this.yaml = new Answer.Bytes("application/yaml", text);
        this.json = new Answer.Bytes("application/json", ApiJson.bytes(document));
        DocsPage shown = new DocsPage(document, style);
        this.page = new Answer.Bytes(
                "text/html; charset=utf-8",
                shown.html().getBytes(StandardCharsets.UTF_8),
                Map.of("Content-Security-Policy", shown.policy(), "Referrer-Policy", "no-referrer"));
    }

    static OpenApi shipped() {
        return Shipped.ONE;
    }

    private static OpenApi read() {
        try {
            byte[] text = resource("openapi.yaml");
            return new OpenApi(
                    text, new YAMLMapper().readTree(text), new String(resource("docs.css"), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("the API's contract can't be read", e);
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream stream = OpenApi.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException(name + " is not there");
            }
            return stream.readAllBytes();
        }
    }

    JsonNode document() {
        return document;
    }

    Answer.Bytes yaml() {
        return yaml;
    }

    Answer.Bytes json() {
        return json;
    }

    Answer.Bytes page() {
        return page;
    }
}
