package io.tollgate.http;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The contract as one page for people. It needs nothing but itself: no scripts, no fonts, no other server. Immutable.
 */
final class DocsPage {
    private static final Set<String> METHODS = Set.of("get", "head", "post", "put", "delete", "patch");
    private static final String JSON = "application/json";

    private final JsonNode document;
    private final String style;
    private final String html;

    /** @param style what the page looks like, as CSS */
    DocsPage(JsonNode document, String style) {
        this.document = document;
        this.style = style;
        this.html = write();
    }

    String html() {
        return html;
    }

    /** The Content-Security-Policy: the page's own style and nothing else. */
    String policy() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8));
            return "default-src 'none'; style-src 'sha256-"
                    + Base64.getEncoder().encodeToString(hash)
                    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** An operation and where it is. */
    private record Operation(String method, String path, JsonNode node) {
        String id() {
            return node.path("operationId").asText();
        }

        String summary() {
            return node.path("summary").asText();
        }

        boolean isOf(String tag) {
            return node.path("tags").path(0).asText().equals(tag);
        }
    }

    private List<Operation> operations(String tag) {
        List<Operation> operations = new ArrayList<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().stream()
                        .filter(method -> METHODS.contains(method.getKey()))
                        .map(method -> new Operation(
                                method.getKey().toUpperCase(Locale.ROOT), path.getKey(), method.getValue()))
                        .filter(operation -> operation.isOf(tag))
                        .forEach(operations::add));
        return operations;
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref")
                ? document.at(JsonPointer.compile(node.path("$ref").asText().substring(1)))
                : node;
    }

    private String write() {
        JsonNode info = document.path("info");
        String title = info.path("title").asText();
        Html page = new Html();
        page.raw("<!DOCTYPE html>\n")
                .open("html", "lang", "en")
                .line()
                .open("head")
                .single("meta", "charset", "utf-8")
                .single("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .element("title", title + " HTTP API")
                .line()
                .open("style")
                .raw(style)
                .close()
                .close()
                .line()
                .open("body")
                .element("a", "Skip to the content", "class", "skip", "href", "#content")
                .line();
        contents(page, title);
        page.open("main", "id", "content")
                .line()
                .element("h1", title + " HTTP API")
                .open("p", "class", "lead")
                .words(info.path("summary").asText())
                .close()
                .line()
                .prose(info.path("description").asText());
        keys(page);
        document.path("tags").forEach(tag -> section(page, tag));
        schemas(page);
        return page.close().close().close().line().done();
    }

    private void contents(Html page, String title) {
        page.open("nav", "aria-label", "Contents").line();
        page.open("p", "class", "brand").element("a", title, "href", "#content").close();
        for (JsonNode tag : document.path("tags")) {
            String name = tag.path("name").asText();
            page.open("details").element("summary", name).open("ul");
            for (Operation operation : operations(name)) {
                page.open("li")
                        .element("a", operation.summary(), "href", "#" + operation.id())
                        .close();
            }
            page.close().close().line();
        }
        page.open("details").element("summary", "Documents").open("ul");
        document.path("components")
                .path("schemas")
                .properties()
                .forEach(schema -> page.open("li")
                        .element("a", schema.getKey(), "href", anchor(schema.getKey()))
                        .close());
        page.close().close().line();
        page.open("p")
                .element("a", "openapi.yaml", "href", "/openapi.yaml")
                .text(" · ")
                .element("a", "openapi.json", "href", "/openapi.json")
                .close();
        page.close().line();
    }

    private void keys(Html page) {
        page.element("h2", "Keys", "id", "keys");
        document.path("components")
                .path("securitySchemes")
                .forEach(scheme -> page.prose(scheme.path("description").asText()));
        page.open("p")
                .words(
                        "The examples take the server's address, your key, and ids such as `${id}` from the environment:")
                .close();
        page.element(
                "pre", "export TOLLGATE_URL=http://127.0.0.1:8080\nexport TOLLGATE_KEY=tg_live_…", "tabindex", "0");
    }

    private void section(Html page, JsonNode tag) {
        String name = tag.path("name").asText();
        page.open("section").line().element("h2", name, "id", name.toLowerCase(Locale.ROOT));
        page.prose(tag.path("description").asText());
        operations(name).forEach(operation -> operation(page, operation));
        page.close().line();
    }

    private void operation(Html page, Operation operation) {
        page.open("article", "id", operation.id()).line();
        page.open("h3")
                .element("a", operation.summary(), "href", "#" + operation.id())
                .close()
                .line();
        page.open("p", "class", "route")
                .element("b", operation.method(), "class", operation.method().toLowerCase(Locale.ROOT))
                .text(" ")
                .element("code", operation.path())
                .close()
                .line();
        page.open("p", "class", "access").words(access(operation)).close().line();
        page.prose(operation.node().path("description").asText());
        parameters(page, operation);
        request(page, operation);
        page.element("h4", "Call")
                .element("pre", curl(operation), "tabindex", "0")
                .line();
        answers(page, operation);
        page.close().line();
    }

    private static String access(Operation operation) {
        JsonNode security = operation.node().path("security");
        if (security.isEmpty()) {
            return "Open to all.";
        }
        Set<String> scopes = new TreeSet<>();
        boolean optional = false;
        for (JsonNode way : security) {
            optional |= way.isEmpty();
            way.forEach(each -> each.forEach(scope -> scopes.add("`" + scope.asText() + "`")));
        }
        String key = scopes.isEmpty() ? "Any key." : "A key with the scope " + String.join(", ", scopes) + ".";
        return optional ? key + " Or none, as said below." : key;
    }

    private void parameters(Html page, Operation operation) {
        JsonNode parameters = operation.node().path("parameters");
        if (parameters.isEmpty()) {
            return;
        }
        page.element("h4", "Parameters");
        table(page, "Name", "In", "Type", "What it is");
        for (JsonNode given : parameters) {
            JsonNode parameter = resolved(given);
            page.open("tr")
                    .open("td")
                    .element("code", parameter.path("name").asText())
                    .close()
                    .element("td", parameter.path("in").asText());
            type(page.open("td"), parameter.path("schema"));
            page.close()
                    .open("td")
                    .words(parameter.path("description").asText())
                    .words(preset(parameter.path("schema")))
                    .close()
                    .close()
                    .line();
        }
        page.close().close().close().line();
    }

    private static String preset(JsonNode schema) {
        return schema.has("default") ? " Default: `" + schema.path("default").asText() + "`." : "";
    }

    /** Opens a table, its frame and its body. */
    private static void table(Html page, String... heads) {
        page.open("div", "class", "wide", "tabindex", "0")
                .open("table")
                .open("thead")
                .open("tr");
        for (String head : heads) {
            page.element("th", head, "scope", "col");
        }
        page.close().close().open("tbody").line();
    }

    private void request(Html page, Operation operation) {
        for (Map.Entry<String, JsonNode> content :
                operation.node().path("requestBody").path("content").properties()) {
            page.element("h4", "Body")
                    .open("p")
                    .element("code", content.getKey())
                    .text(": ");
            type(page, content.getValue().path("schema"));
            page.close();
            fields(page, resolved(content.getValue().path("schema")));
            if (content.getKey().equals(JSON) && content.getValue().has("example")) {
                page.element("pre", ApiJson.pretty(content.getValue().path("example")), "tabindex", "0");
            }
            page.line();
        }
    }

    private void answers(Html page, Operation operation) {
        page.element("h4", "Answers");
        table(page, "Status", "What it is", "Body");
        for (Map.Entry<String, JsonNode> answer :
                operation.node().path("responses").properties()) {
            JsonNode response = resolved(answer.getValue());
            JsonNode description = answer.getValue().has("description")
                    ? answer.getValue().path("description")
                    : response.path("description");
            page.open("tr")
                    .element("td", answer.getKey())
                    .open("td")
                    .words(description.asText())
                    .close()
                    .open("td");
            for (Map.Entry<String, JsonNode> content : response.path("content").properties()) {
                if (!content.getKey().equals(JSON)) {
                    page.element("code", content.getKey()).text(" ");
                }
                type(page, content.getValue().path("schema"));
            }
            page.close().close().line();
        }
        page.close().close().close().line();
        operation.node().path("responses").properties().stream()
                .filter(answer -> answer.getKey().startsWith("2"))
                .flatMap(answer -> answer.getValue().path("content").properties().stream())
                .flatMap(content -> example(content.getValue()).stream())
                .findFirst()
                .ifPresent(example -> example(page, example));
    }

    private static void example(Html page, String example) {
        page.open("details")
                .element("summary", "Example of an answer")
                .element("pre", example, "tabindex", "0")
                .close()
                .line();
    }

    private Optional<String> example(JsonNode content) {
        JsonNode example = content.has("example")
                ? content.path("example")
                : resolved(content.path("schema")).path("examples").path(0);
        return example.isMissingNode()
                ? Optional.empty()
                : Optional.of(example.isTextual() ? example.asText() : ApiJson.pretty(example));
    }

    private String curl(Operation operation) {
        StringBuilder line = new StringBuilder("curl");
        if (operation.method().equals("HEAD")) {
            line.append(" --head");
        } else if (!operation.method().equals("GET")) {
            line.append(" -X ").append(operation.method());
        }
        line.append(" \"$TOLLGATE_URL")
                .append(operation.path().replaceAll("\\{(\\w+)}", "\\$\\{$1\\}"))
                .append('"');
        if (!operation.node().path("security").isEmpty()) {
            line.append(" \\\n  -H \"Authorization: Bearer $TOLLGATE_KEY\"");
        }
        for (Map.Entry<String, JsonNode> content :
                operation.node().path("requestBody").path("content").properties()) {
            JsonNode example = content.getValue().path("example");
            if (content.getKey().equals(JSON)) {
                line.append(" \\\n  -H 'Content-Type: application/json' \\\n  -d ")
                        .append(quoted(new String(ApiJson.bytes(example), StandardCharsets.UTF_8)));
            } else {
                for (Map.Entry<String, JsonNode> field : example.properties()) {
                    line.append(" \\\n  -F ")
                            .append(quoted(
                                    field.getKey() + "=" + field.getValue().asText()));
                }
            }
        }
        return line.toString();
    }

    /** As shells take it literally. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private void schemas(Html page) {
        page.open("section").line().element("h2", "Documents", "id", "documents");
        document.path("components").path("schemas").properties().forEach(schema -> {
            JsonNode node = schema.getValue();
            page.open("article", "id", anchor(schema.getKey()).substring(1))
                    .open("h3")
                    .element("a", schema.getKey(), "href", anchor(schema.getKey()))
                    .close()
                    .line()
                    .prose(node.path("description").asText());
            if (node.has("properties")) {
                fields(page, node);
            } else {
                type(page.open("p"), node);
                page.close();
            }
            if (node.has("examples")) {
                JsonNode example = node.path("examples").path(0);
                page.open("details")
                        .element("summary", "Example")
                        .element("pre", ApiJson.pretty(example), "tabindex", "0")
                        .close();
            }
            page.close().line();
        });
        page.close().line();
    }

    private void fields(Html page, JsonNode schema) {
        Set<String> required = new TreeSet<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        table(page, "Field", "Type", "What it is");
        for (Map.Entry<String, JsonNode> field : schema.path("properties").properties()) {
            page.open("tr").open("td").element("code", field.getKey());
            if (!required.contains(field.getKey())) {
                page.text(" ").element("i", "optional");
            }
            type(page.close().open("td"), field.getValue());
            page.close()
                    .open("td")
                    .words(field.getValue().path("description").asText())
                    .close()
                    .close()
                    .line();
        }
        page.close().close().close().line();
    }

    private static String anchor(String schema) {
        return "#doc-" + schema;
    }

    /** A schema in a few words, with a link to the document that it refers to. */
    private void type(Html page, JsonNode schema) {
        if (schema.has("$ref")) {
            String name = schema.path("$ref").asText().replaceFirst(".*/", "");
            page.element("a", name, "href", anchor(name));
        } else if (schema.has("anyOf")) {
            String between = "";
            for (JsonNode one : schema.path("anyOf")) {
                type(page.text(between), one);
                between = " or ";
            }
        } else if (schema.has("enum")) {
            page.text(words(schema.path("enum")));
        } else if (schema.has("const")) {
            page.text(schema.path("const").asText());
        } else if (schema.path("type").asText().equals("array")) {
            type(page.text("list of "), schema.path("items"));
        } else if (schema.path("additionalProperties").isObject()) {
            type(page.text("object of "), schema.path("additionalProperties"));
        } else {
            page.text(simple(schema));
        }
    }

    private static String words(JsonNode values) {
        List<String> words = new ArrayList<>();
        values.forEach(value -> words.add(value.asText()));
        return String.join(", ", words);
    }

    private static String simple(JsonNode schema) {
        JsonNode type = schema.path("type");
        String words = type.isArray() ? words(type).replace(", ", " or ") : type.asText("anything");
        String format = schema.has("format") ? " (" + schema.path("format").asText() + ")" : "";
        String range = List.of("minimum", "maximum", "exclusiveMinimum", "maxLength", "maxItems", "pattern").stream()
                .filter(schema::has)
                .map(word -> switch (word) {
                    case "minimum" -> "≥ " + schema.path(word).asText();
                    case "maximum" -> "≤ " + schema.path(word).asText();
                    case "exclusiveMinimum" -> "> " + schema.path(word).asText();
                    case "maxLength" -> "at most " + schema.path(word).asText() + " characters";
                    case "maxItems" -> "at most " + schema.path(word).asText();
                    default -> schema.path(word).asText();
                })
                .collect(Collectors.joining(", "));
        return words + format + (range.isEmpty() ? "" : ", " + range);
    }
}
