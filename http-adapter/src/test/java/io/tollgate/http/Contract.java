package io.tollgate.http;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What openapi.yaml says of calls and answers. Whatever it doesn't say is a breach: an operation, a status, a content
 * type, an error's code, a field, a header that is promised and not there. Safe for use by many threads.
 */
final class Contract {
    private static final String DOCUMENT = "https://tollgate.test/openapi";
    private static final Set<String> METHODS = Set.of("get", "head", "post", "put", "delete", "patch");
    private static final Pattern CODE = Pattern.compile("`([a-z_]+)`");

    /** What is said of calls that reach no operation. */
    private static final Map<Integer, Set<String>> NOWHERE = Map.of(
            404, Set.of("not_found"),
            405, Set.of("method_not_allowed"),
            429, Set.of("rate_limited"));

    private final JsonNode document;
    private final SchemaRegistry registry;
    private final Map<JsonPointer, Schema> schemas = new ConcurrentHashMap<>();
    private final List<Operation> operations = new ArrayList<>();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    /** One operation of the document. */
    record Operation(String method, String path, JsonPointer at, JsonNode node) {
        String name() {
            return method + " " + path;
        }

        private boolean matches(String asked, String decoded) {
            List<String> template = List.of(path.split("/", -1));
            List<String> segments = List.of(decoded.split("/", -1));
            if (!method.equals(asked) || template.size() != segments.size()) {
                return false;
            }
            for (int i = 0; i < template.size(); i++) {
                if (!template.get(i).startsWith("{") && !template.get(i).equals(segments.get(i))) {
                    return false;
                }
            }
            return true;
        }

        private boolean isOpen() {
            return path.contains("{");
        }
    }

    Contract(JsonNode document) {
        this.document = document;
        String text = new String(ApiJson.bytes(document), StandardCharsets.UTF_8);
        this.registry = SchemaRegistry.withDialect(
                Dialects.getDraft202012(),
                builder -> builder.schemas(Map.of(DOCUMENT, text))
                        .schemaRegistryConfig(com.networknt.schema.SchemaRegistryConfig.builder()
                                .formatAssertionsEnabled(true)
                                .build()));
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().stream()
                        .filter(method -> METHODS.contains(method.getKey()))
                        .forEach(method -> operations.add(new Operation(
                                method.getKey().toUpperCase(java.util.Locale.ROOT),
                                path.getKey(),
                                JsonPointer.empty()
                                        .appendProperty("paths")
                                        .appendProperty(path.getKey())
                                        .appendProperty(method.getKey()),
                                method.getValue()))));
    }

    List<Operation> operations() {
        return List.copyOf(operations);
    }

    JsonNode document() {
        return document;
    }

    /** The names of an operation's parameters that stand in its path. */
    Set<String> pathParameters(Operation operation) {
        return parameters(operation, "path");
    }

    private Set<String> parameters(Operation operation, String place) {
        Set<String> names = new TreeSet<>();
        for (JsonNode parameter : operation.node().path("parameters")) {
            JsonNode resolved = resolved(parameter);
            if (resolved.path("in").asText().equals(place)) {
                names.add(resolved.path("name").asText());
            }
        }
        return names;
    }

    /** The operations that answered well so far. */
    Set<String> seen() {
        return new TreeSet<>(seen);
    }

    private Optional<Operation> find(String method, String path) {
        Optional<Operation> found = operations.stream()
                .filter(operation -> operation.matches(method, path))
                .min(java.util.Comparator.comparing(Operation::isOpen));
        return found.isEmpty() && method.equals("HEAD") ? find("GET", path) : found;
    }

    /** Fails if a call or its answer is not as the document says. */
    void check(String method, URI uri, String contentType, byte[] sent, HttpResponse<byte[]> answer) {
        List<String> breaches = new ArrayList<>();
        Optional<Operation> found = find(method, uri.getPath());
        if (answer.headers().firstValue("X-Request-Id").isEmpty()) {
            breaches.add("the answer has no X-Request-Id");
        }
        if (found.isEmpty()) {
            if (!NOWHERE.containsKey(answer.statusCode())) {
                breaches.add("there is no such operation");
            } else {
                breaches.addAll(problems(schemaAt("/components/schemas/Problem"), answer.body()));
            }
        } else {
            checkAnswer(found.get(), method, answer, breaches);
            if (answer.statusCode() / 100 == 2) {
                checkCall(found.get(), uri, contentType, sent, breaches);
                seen.add(found.get().name());
            }
        }
        if (!breaches.isEmpty()) {
            throw new AssertionError(method + " " + uri.getPath() + " was answered " + answer.statusCode()
                    + " against openapi.yaml:\n  " + String.join("\n  ", breaches) + "\n  the answer was "
                    + shown(answer.body()));
        }
    }

    /** Fails unless the document says that an operation may be answered by a change of protocol. */
    void upgraded(String path) {
        Operation operation = find("GET", path).orElseThrow(() -> new AssertionError("no such operation: " + path));
        if (!operation.node().path("responses").has("101")) {
            throw new AssertionError(path + " was upgraded, and 101 is not said");
        }
        seen.add(operation.name());
    }

    /** Fails if a message of a socket is not as a schema says. */
    void checkMessage(String schema, String json) {
        List<String> problems =
                problems(schemaAt("/components/schemas/" + schema), json.getBytes(StandardCharsets.UTF_8));
        if (!problems.isEmpty()) {
            throw new AssertionError(json + " is no " + schema + ":\n  " + String.join("\n  ", problems));
        }
    }

    private static String shown(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.substring(0, Math.min(text.length(), 2_000));
    }

    private void checkCall(Operation operation, URI uri, String contentType, byte[] sent, List<String> breaches) {
        Set<String> known = parameters(operation, "query");
        if (uri.getRawQuery() != null) {
            for (String pair : uri.getRawQuery().split("&", -1)) {
                String name = pair.replaceFirst("=.*", "");
                if (!known.contains(name)) {
                    breaches.add("the query's '" + name + "' is taken and not said; said are " + known);
                }
            }
        }
        JsonNode request = operation.node().path("requestBody");
        if (sent.length > 0 && request.isMissingNode()) {
            breaches.add("a body is taken and not said");
        } else if (sent.length == 0 && request.path("required").asBoolean()) {
            breaches.add("a body is said to be needed, and is not");
        } else if (sent.length > 0) {
            String type = essence(contentType);
            if (!request.path("content").has(type)) {
                breaches.add("a body of " + type + " is taken and not said");
            } else if (type.equals("application/json")) {
                problems(schemaAt(operation.at() + "/requestBody/content/application~1json/schema"), sent)
                        .forEach(problem -> breaches.add("the body sent: " + problem));
            }
        }
    }

    private void checkAnswer(Operation operation, String method, HttpResponse<byte[]> answer, List<String> breaches) {
        String status = String.valueOf(answer.statusCode());
        JsonNode said = operation.node().path("responses").path(status);
        if (said.isMissingNode()) {
            breaches.add("the status is not said");
            return;
        }
        JsonPointer at = operation.at().appendProperty("responses").appendProperty(status);
        JsonNode response = said;
        if (said.has("$ref")) {
            at = JsonPointer.compile(said.path("$ref").asText().substring(1));
            response = document.at(at);
        }
        checkHeaders(response, answer.headers(), breaches);
        JsonNode content = response.path("content");
        if (method.equals("HEAD") || content.isMissingNode()) {
            if (answer.body().length > 0) {
                breaches.add("a body is answered and not said");
            }
            return;
        }
        String type = essence(answer.headers().firstValue("Content-Type").orElse(""));
        if (content.has(type) && type.equals("application/json")) {
            breaches.addAll(problems(schemaAt(at + "/content/application~1json/schema"), answer.body()));
            if (answer.statusCode() >= 400 && said.has("$ref")) {
                checkCode(said.path("description").asText(), answer.body(), breaches);
            }
        } else if (!content.has(type) && !content.has("*/*")) {
            breaches.add("the content type '" + type + "' is not said");
        }
    }

    private void checkHeaders(JsonNode response, HttpHeaders headers, List<String> breaches) {
        for (Map.Entry<String, JsonNode> header : response.path("headers").properties()) {
            if (resolved(header.getValue()).path("required").asBoolean()
                    && headers.firstValue(header.getKey()).isEmpty()) {
                breaches.add("the header " + header.getKey() + " is said and not there");
            }
        }
        for (String name : List.of("Location", "Retry-After", "Idempotency-Replayed", "Preference-Applied", "ETag")) {
            if (headers.firstValue(name).isPresent()
                    && !response.path("headers").has(name)) {
                breaches.add("the header " + name + " is answered and not said");
            }
        }
    }

    private static void checkCode(String description, byte[] body, List<String> breaches) {
        Set<String> codes = new TreeSet<>();
        Matcher matcher = CODE.matcher(description);
        while (matcher.find()) {
            codes.add(matcher.group(1));
        }
        String code = read(body).path("error").path("code").asText();
        if (!codes.contains(code)) {
            breaches.add("the code " + code + " is not said; said are " + codes);
        }
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    private static String essence(String contentType) {
        return contentType.replaceFirst(";.*", "").strip();
    }

    private static JsonNode read(byte[] json) {
        try {
            return ApiJson.read(json);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + shown(json), e);
        }
    }

    private static List<String> problems(Schema schema, byte[] json) {
        return problems(schema, read(json));
    }

    private static List<String> problems(Schema schema, JsonNode node) {
        return schema.validate(node).stream().map(Error::toString).toList();
    }

    private Schema schemaAt(String pointer) {
        return schemas.computeIfAbsent(
                JsonPointer.compile(pointer), at -> registry.getSchema(SchemaLocation.of(DOCUMENT + "#" + pointer)));
    }

    /** What is wrong with the document's own examples, by where they are. */
    Map<String, List<String>> badExamples() {
        Map<String, List<String>> bad = new TreeMap<>();
        check(JsonPointer.empty(), document, bad);
        return bad;
    }

    private void check(JsonPointer at, JsonNode node, Map<String, List<String>> bad) {
        boolean json = at.toString().endsWith("/application~1json");
        if (json && node.has("example")) {
            note(at + "/example", problems(schemaAt(at + "/schema"), node.path("example")), bad);
        }
        if (at.toString().startsWith("/components/schemas/")
                && node.path("examples").isArray()) {
            node.path("examples")
                    .forEach(example -> note(at + "/examples", problems(schemaAt(at.toString()), example), bad));
            return;
        }
        node.properties().forEach(field -> check(at.appendProperty(field.getKey()), field.getValue(), bad));
    }

    private static void note(String where, List<String> problems, Map<String, List<String>> bad) {
        if (!problems.isEmpty()) {
            bad.put(where, problems);
        }
    }
}
