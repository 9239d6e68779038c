package io.tollgate.http;

import com.fasterxml.jackson.databind.JsonNode;

/** The contract as a page for people. */
final class DocsPage {
    private final JsonNode document;

    DocsPage(JsonNode document) {
        this.document = document;
    }

    String html() {
        return document.path("info").path("title").asText();
    }

    String policy() {
        return "default-src 'none'";
    }
}
