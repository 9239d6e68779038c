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

    private OpenApi(byte[] text, JsonNode document) {
        this.document = document;
        this.yaml = new Answer.Bytes("application/yaml", text);
        this.json = new Answer.Bytes("application/json", ApiJson.bytes(document));
        DocsPage shown = new DocsPage(document);
        this.page = new Answer.Bytes(
                "text/html; charset=utf-8",
                shown.html().getBytes(StandardCharsets.UTF_8),
                Map.of("Content-Security-Policy", shown.policy(), "Referrer-Policy", "no-referrer"));
    }

    static OpenApi shipped() {
        return Shipped.ONE;
    }

    private static OpenApi read() {
        try (InputStream stream = OpenApi.class.getResourceAsStream("openapi.yaml")) {
            if (stream == null) {
                throw new IllegalStateException("openapi.yaml is not in the jar");
            }
            byte[] text = stream.readAllBytes();
            return new OpenApi(text, new YAMLMapper().readTree(text));
        } catch (IOException e) {
            throw new UncheckedIOException("openapi.yaml can't be read", e);
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
