package io.tollgate.comfyui.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The HTTP routes of one life of the server, as functions from call to reply. Safe for use by many threads. */
final class ComfyRoutes {

    /** The largest body, in bytes. */
    static final int MAX_BODY = 104_857_600;

    private static final Pattern UUID_SHAPE =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final List<String> SECRETS = List.of("auth_token_comfy_org", "api_key_comfy_org");

    private final ServerLife life;
    private final Settings settings;
    private final ComfyVersion version;
    private final PromptQueue queue;
    private final PromptValidator validator;
    private final JobsView jobs;
    private final FileRoutes files;
    private final ReentrantLock submitting = new ReentrantLock();
    private long counter;

    ComfyRoutes(ServerLife life) {
        this.life = life;
        settings = life.settings();
        version = settings.version();
        queue = life.queue();
        validator = new PromptValidator(
                settings.catalog(),
                version,
                name -> settings.files().annotated(name).isPresent());
        jobs = new JobsView(queue);
        files = new FileRoutes(settings.files(), version);
    }

    /** Answers a call. */
    Reply answer(Call call) {
        if (comesFromElsewhere(call)) {
            return Reply.empty(403);
        }
        try {
            return switch (call.method()) {
                case "GET", "HEAD" -> get(call);
                case "POST" -> post(call);
                case "OPTIONS" -> Reply.empty(200);
                default -> notAllowed();
            };
        } catch (PythonError | IOException e) {
            return Reply.broken();
        }
    }

    private static Reply notAllowed() {
        return Reply.text(405, "405: Method Not Allowed").with("Allow", "GET,HEAD");
    }

    /** Whether a browser sends it for a page of somebody else. */
    private boolean comesFromElsewhere(Call call) {
        if (version.checksFetchSite() && "cross-site".equals(call.header("sec-fetch-site"))) {
            return true;
        }
        @Nullable String host = call.header("host");
        @Nullable String origin = call.header("origin");
        if (host == null || origin == null) {
            return false;
        }
        try {
            URI from = new URI(origin);
            URI here = new URI("//" + host);
            if (from.getHost() == null || here.getHost() == null || !isLoopback(here.getHost())) {
                return false;
            }
            boolean withPort = from.getPort() >= 0 && here.getPort() >= 0;
            return !from.getHost().equalsIgnoreCase(here.getHost()) || (withPort && from.getPort() != here.getPort());
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }

    private Reply get(Call call) throws IOException {
        String route = call.route();
        if (route.startsWith("/api/jobs") && version.hasJobs()) {
            return route.equals("/api/jobs") ? jobs.list(call) : jobs.one(route.substring("/api/jobs/".length()));
        }
        if (route.startsWith("/history/")) {
            String id = route.substring("/history/".length());
            ObjectNode answer = Json.object();
            queue.history(id).ifPresent(entry -> answer.set(id, entry));
            return Reply.json(answer);
        }
        if (route.startsWith("/object_info/")) {
            return Reply.json(settings.catalog().shown(route.substring("/object_info/".length())));
        }
        if (route.startsWith("/models/")) {
            return models(route.substring("/models/".length()));
        }
        return switch (route) {
            case "/" -> Reply.bytes(200, "text/html", new byte[0]);
            case "/system_stats" -> Reply.json(SystemStats.of(version));
            case "/features" -> version.hasFeatureFlags() ? Reply.json(life.features()) : Reply.nothingThere();
            case "/queue" -> queueShown();
            case "/prompt" -> Reply.json(life.queueInfo());
            case "/history" -> history(call);
            case "/object_info" -> Reply.json(settings.catalog().shown());
            case "/embeddings" -> Reply.json(Json.array());
            case "/models" -> Reply.json(SystemStats.modelFolders());
            case "/view" -> files.view(call);
            case "/ws" -> Reply.text(400, "No WebSocket UPGRADE hdr: None\n Can \"Upgrade\" only to \"WebSocket\".");
            default -> Reply.nothingThere();
        };
    }

    private Reply models(String folder) {
        return switch (folder) {
            case "checkpoints" -> Reply.json(Json.strings(settings.models().checkpoints()));
            case "loras" -> Reply.json(Json.strings(settings.models().loras()));
            case "vae" -> Reply.json(Json.strings(settings.models().vaes()));
            default -> Reply.empty(404);
        };
    }

    private Reply queueShown() {
        PromptQueue.Snapshot now = queue.snapshot();
        ObjectNode answer = Json.object();
        ArrayNode running = answer.putArray("queue_running");
        now.running().forEach(item -> running.add(item.shown()));
        ArrayNode pending = answer.putArray("queue_pending");
        now.pending().forEach(item -> pending.add(item.shown()));
        return Reply.json(answer);
    }

    private Reply history(Call call) {
        @Nullable Integer maxItems = whole(call.query("max_items"));
        @Nullable Integer offset = version.hasHistoryOffset() ? whole(call.query("offset")) : null;
        ObjectNode answer = Json.object();
        queue.history(maxItems, offset == null ? -1 : offset).forEach(answer::set);
        return Reply.json(answer);
    }

    private static @Nullable Integer whole(@Nullable String text) {
        try {
            return text == null ? null : Integer.valueOf(text);
        } catch (NumberFormatException e) {
            throw new PythonError("ValueError", "invalid literal for int() with base 10: '" + text + "'", e);
        }
    }

    private Reply post(Call call) throws IOException {
        String route = call.route();
        if (route.startsWith("/api/jobs") && version.hasJobCancel()) {
            if (route.equals("/api/jobs/cancel")) {
                return cancelBatch(call);
            }
            if (route.endsWith("/cancel")) {
                String id = route.substring("/api/jobs/".length(), route.length() - "/cancel".length());
                return Reply.json(Json.object().put("cancelled", cancel(id)));
            }
        }
        return switch (route) {
            case "/prompt" -> submit(call);
            case "/queue" -> editQueue(call);
            case "/history" -> editHistory(call);
            case "/interrupt" -> interrupt(call);
            case "/free" -> free(call);
            case "/upload/image" -> files.upload(call, false);
            case "/upload/mask" -> files.upload(call, true);
            default -> notAllowed();
        };
    }

    private Reply submit(Call call) {
        submitting.lock();
        try {
            return submitAlone(call);
        } finally {
            submitting.unlock();
        }
    }

    private Reply submitAlone(Call call) {
        JsonNode json = call.json();
        if (!json.isContainerNode()) {
            throw new PythonError("TypeError", "argument is not iterable");
        }
        JsonNode number = numberOf(json);
        if (!json.has("prompt")) {
            return refused(
                    PromptValidator.error("no_prompt", "No prompt provided", "No prompt provided", Json.object()));
        }
        Optional<String> id = idOf(json);
        if (id.isEmpty()) {
            return refused(PromptValidator.error(
                    "invalid_prompt_id",
                    "prompt_id must be a valid UUID",
                    "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server"
                            + " generate one",
                    Json.object()));
        }
        PromptValidator.Verdict verdict = validator.validate(json.path("prompt"), targetsOf(json));
        ObjectNode extraData = extraDataOf(json, call);
        if (verdict.error() != null) {
            ObjectNode answer = Json.object();
            answer.set("error", verdict.error());
            answer.set("node_errors", verdict.nodeErrors());
            return Reply.json(400, answer);
        }
        queue.put(
                new QueueItem(number, id.get(), (ObjectNode) json.path("prompt"), extraData, verdict.outputs(), false));
        ObjectNode answer = Json.object().put("prompt_id", id.get());
        answer.set("number", number);
        answer.set("node_errors", verdict.nodeErrors());
        return Reply.json(answer);
    }

    private static Reply refused(ObjectNode error) {
        ObjectNode answer = Json.object();
        answer.set("error", error);
        answer.putObject("node_errors");
        return Reply.json(400, answer);
    }

    private JsonNode numberOf(JsonNode json) {
        if (json.has("number")) {
            return PromptValidator.decimal(json.path("number"));
        }
        long number = counter++;
        return LongNode.valueOf(Json.truthy(json.path("front")) ? -number : number);
    }

    /** The id to use; empty if the client's is refused. */
    private Optional<String> idOf(JsonNode json) {
        @Nullable JsonNode asked = json.get("prompt_id");
        if (asked == null || !version.takesOwnIds()) {
            return Optional.of(UUID.randomUUID().toString());
        }
        if (!version.idsMustBeUuids()) {
            return Optional.of(Json.str(asked));
        }
        if (asked.isNull()) {
            return Optional.of(UUID.randomUUID().toString());
        }
        return asked.isTextual() && UUID_SHAPE.matcher(asked.textValue()).matches()
                ? Optional.of(asked.textValue())
                : Optional.empty();
    }

    private @Nullable Set<String> targetsOf(JsonNode json) {
        @Nullable JsonNode asked = json.get("partial_execution_targets");
        if (asked == null || asked.isNull() || !version.hasPartialTargets()) {
            return null;
        }
        Set<String> targets = new HashSet<>();
        asked.forEach(target -> targets.add(target.asText()));
        return targets;
    }

    private ObjectNode extraDataOf(JsonNode json, Call call) {
        JsonNode given = json.has("extra_data") ? json.path("extra_data") : Json.object();
        if (!(given instanceof ObjectNode extraData)) {
            throw new PythonError("TypeError", "'NoneType' object does not support item assignment");
        }
        if (json.has("client_id")) {
            extraData.set("client_id", json.path("client_id"));
        }
        extraData.remove(SECRETS);
        @Nullable String usage = call.header("comfy-usage-source");
        if (usage != null && version.namesMissingNodes()) {
            extraData.put("comfy_usage_source", usage);
        }
        if (version.stampsCreateTime()) {
            extraData.put("create_time", settings.clock().millis());
        }
        return extraData;
    }

    /** Puts a prompt of somebody else into the queue, past HTTP. Returns its id. */
    String submitForeign(ObjectNode prompt, String client) {
        submitting.lock();
        try {
            String id = UUID.randomUUID().toString();
            settings.witness().isForeign(id);
            PromptValidator.Verdict verdict = validator.validate(prompt, null);
            if (verdict.error() != null) {
                throw new IllegalStateException("a foreign prompt was refused: " + verdict.error());
            }
            ObjectNode extraData = Json.object().put("client_id", client);
            if (version.stampsCreateTime()) {
                extraData.put("create_time", settings.clock().millis());
            }
            queue.put(new QueueItem(LongNode.valueOf(counter++), id, prompt, extraData, verdict.outputs(), true));
            return id;
        } finally {
            submitting.unlock();
        }
    }

    private Reply editQueue(Call call) {
        JsonNode json = containerOf(call);
        if (Json.truthy(json.path("clear"))) {
            settings.witness()
                    .touchedAll(Touch.Kind.QUEUE_CLEARED, queue.snapshot().pending());
            queue.wipe();
        }
        for (String id : toDelete(json)) {
            if (queue.delete(id)) {
                settings.witness().touchedIfForeign(Touch.Kind.DELETED, id);
            }
        }
        return Reply.empty(200);
    }

    private Reply editHistory(Call call) {
        JsonNode json = containerOf(call);
        if (Json.truthy(json.path("clear"))) {
            settings.witness().touchedAll(Touch.Kind.HISTORY_CLEARED, List.of());
            queue.wipeHistory();
        }
        for (String id : toDelete(json)) {
            queue.deleteHistory(id);
            settings.witness().touchedIfForeign(Touch.Kind.HISTORY_DELETED, id);
        }
        return Reply.empty(200);
    }

    private static JsonNode containerOf(Call call) {
        JsonNode json = call.json();
        if (!json.isContainerNode()) {
            throw new PythonError("TypeError", "argument is not iterable");
        }
        return json;
    }

    private static List<String> toDelete(JsonNode json) {
        @Nullable JsonNode ids = json.get("delete");
        List<String> all = new ArrayList<>();
        if (ids == null) {
            return all;
        }
        if (ids.isArray()) {
            ids.forEach(id -> all.add(Json.str(id)));
        } else if (ids.isTextual()) {
            ids.textValue().chars().forEach(c -> all.add(Character.toString(c)));
        } else if (!ids.isObject()) {
            throw new PythonError("TypeError", "object is not iterable");
        }
        return all;
    }

    private Reply interrupt(Call call) {
        Optional<String> id = version.interruptsById() ? interruptId(call) : Optional.empty();
        List<QueueItem> running = queue.snapshot().running();
        if (id.isPresent()) {
            if (queue.isRunning(id.get())) {
                settings.witness().touchedIfForeign(Touch.Kind.CANCELED, id.get());
                life.pauses().interrupt(true);
            }
        } else {
            settings.witness().touchedAll(Touch.Kind.GLOBAL_INTERRUPT, running);
            life.pauses().interrupt(true);
        }
        return Reply.empty(200);
    }

    private static Optional<String> interruptId(Call call) {
        JsonNode json;
        try {
            json = call.json();
        } catch (PythonError e) {
            return Optional.empty(); // a body that can't be read interrupts whatever runs
        }
        if (!json.isObject()) {
            throw new PythonError("AttributeError", "'list' object has no attribute 'get'");
        }
        return Json.truthy(json.path("prompt_id")) ? Optional.of(Json.str(json.path("prompt_id"))) : Optional.empty();
    }

    private Reply free(Call call) {
        JsonNode json = containerOf(call);
        if (Json.truthy(json.path("free_memory"))) {
            life.askForFree();
        }
        return Reply.empty(200);
    }

    private Reply cancelBatch(Call call) {
        JsonNode json;
        try {
            json = call.json();
        } catch (PythonError e) {
            return Reply.error(400, "Request body must be valid JSON");
        }
        if (!json.path("job_ids").isArray()) {
            return Reply.error(400, "job_ids must be a list");
        }
        ArrayNode bad = Json.array();
        json.path("job_ids").forEach(id -> {
            if (!id.isTextual()
                    || !UUID_SHAPE
                            .matcher(id.textValue().toLowerCase(Locale.ROOT))
                            .matches()) {
                bad.add(id);
            }
        });
        if (!bad.isEmpty()) {
            ObjectNode answer = Json.object().put("error", "job_ids contains invalid id(s)");
            answer.set("invalid_ids", bad);
            return Reply.json(400, answer);
        }
        boolean any = false;
        for (JsonNode id : json.path("job_ids")) {
            any |= cancel(id.textValue());
        }
        return Reply.json(Json.object().put("cancelled", any));
    }

    private boolean cancel(String id) {
        boolean canceled = queue.isRunning(id);
        if (canceled) {
            life.pauses().interrupt(true);
        } else {
            canceled = queue.delete(id);
        }
        if (canceled) {
            settings.witness().touchedIfForeign(Touch.Kind.CANCELED, id);
        }
        return canceled;
    }

    /** The prompt's id in a call, for the record of a fault. */
    static Optional<String> promptIdIn(Call call) {
        if (call.place() == Route.HISTORY && call.route().length() > "/history/".length()) {
            return Optional.of(call.route().substring("/history/".length()));
        }
        if (call.place() != Route.SUBMIT && call.place() != Route.INTERRUPT) {
            return Optional.empty();
        }
        try {
            JsonNode id = call.json().path("prompt_id");
            return id.isTextual() ? Optional.of(id.textValue()) : Optional.empty();
        } catch (PythonError e) {
            return Optional.empty();
        }
    }
}
