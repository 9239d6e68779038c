package io.tollgate.app.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.app.cli.CommandFailed;
import io.tollgate.app.cli.Progress;
import io.tollgate.app.cli.Terminal;
import io.tollgate.app.client.ApiClient;
import io.tollgate.app.client.Backoff;
import io.tollgate.app.client.CallFailedException;
import io.tollgate.app.client.Downloads;
import io.tollgate.app.client.JobWatch;
import io.tollgate.app.client.Route;
import io.tollgate.app.client.Uploads;
import io.tollgate.app.container.Blake3Hashing;
import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.http.ApiJson;
import io.tollgate.queue.access.KeyId;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.IdempotencyRecord;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.SubmissionMode;
import io.tollgate.queue.media.ContentTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A server, asked over its API. What users can ask is asked as the key's user, the rest as an operator. */
final class RemoteSite implements Site {
    private static final int PAGE = 200;
    private static final Pattern HEADER = Pattern.compile("[!-~]{1," + IdempotencyRecord.MAX_KEY + "}");

    private final ApiClient client;
    private final Terminal terminal;

    RemoteSite(ApiClient client, Terminal terminal) {
        this.client = client;
        this.terminal = terminal;
    }

    private Doc get(Route route) {
        return new Doc(client.get(route));
    }

    @Override
    public Doc jobs(JobQuery query) {
        Route route = (query.all() ? Route.admin("jobs") : Route.api("jobs"))
                .with(
                        "status",
                        query.states().stream()
                                .map(JobState.Kind::word)
                                .sorted()
                                .collect(Collectors.joining(",")))
                .with("workflow", query.workflow().map(String::valueOf).orElse(""))
                .with("tag", query.tag().orElse(""))
                .with("cleared", query.cleared() ? "true" : "");
        return pages(route, "jobs", query.limit());
    }

    /** Several pages as one list. */
    private Doc pages(Route route, String name, int limit) {
        List<Doc> all = new ArrayList<>();
        String cursor = "";
        do {
            Doc page =
                    get(route.with("limit", Math.min(PAGE, limit - all.size())).with("cursor", cursor));
            List<Doc> items = page.list(name);
            all.addAll(items.subList(0, Math.min(items.size(), limit - all.size())));
            cursor = items.isEmpty() ? "" : page.text("next_cursor");
        } while (!cursor.isEmpty() && all.size() < limit);
        return Doc.list(name, all);
    }

    /** What asks about a job says how to find one. */
    private static Doc ofJob(JobId id, Supplier<JsonNode> call) {
        try {
            return new Doc(call.get());
        } catch (CallFailedException e) {
            throw e.code().equals("not_found") ? LocalSite.unknown(id) : e;
        }
    }

    @Override
    public Doc job(JobId id) {
        return ofJob(id, () -> client.get(Route.api("jobs", id)));
    }

    @Override
    public Doc cancel(JobId id) {
        return ofJob(id, () -> client.post(Route.api("jobs", id, "cancel")));
    }

    @Override
    public Doc retry(JobId id) {
        return ofJob(id, () -> another(Route.api("jobs", id, "retry")));
    }

    @Override
    public Doc rerun(JobId id, boolean keepSeed) {
        return ofJob(id, () -> another(Route.api("jobs", id, "rerun").with("keep_seed", keepSeed)));
    }

    /** What makes a job and takes no idempotency key. */
    private JsonNode another(Route route) {
        try {
            return client.post(route);
        } catch (CallFailedException e) {
            if (!mayHaveHappened(e)) {
                throw e;
            }
            throw new CommandFailed(
                    e.getMessage() + "; whether there is a new job now is not known: look with 'tollgate jobs list'"
                            + " first",
                    e);
        }
    }

    /** Whether a server that was asked for something may have done it all the same. */
    private static boolean mayHaveHappened(CallFailedException e) {
        return e.status() == 0 || e.status() >= 500;
    }

    /** A key that goes into a header as it is: the one that was typed, or a new one. */
    private static String once(Optional<String> typed) {
        typed.ifPresent(key -> {
            if (!HEADER.matcher(key).matches()) {
                throw new CommandFailed("--idempotency-key must have 1 to " + IdempotencyRecord.MAX_KEY
                        + " letters, digits and signs of ASCII, without blanks, for a server");
            }
        });
        return typed.orElseGet(() -> UUID.randomUUID().toString());
    }

    @Override
    public Doc resolve(JobId id, boolean succeeded, String reason) {
        Map<String, String> body = Map.of("outcome", succeeded ? "succeeded" : "failed", "reason", reason);
        return ofJob(id, () -> client.post(Route.admin("jobs", id, "resolve"), body));
    }

    @Override
    public Doc why(JobId id) {
        return ofJob(id, () -> client.get(Route.api("jobs", id, "why")));
    }

    /** The files are only needed to say what is asked. */
    @Override
    public Doc quote(Order order) {
        List<String> added = new ArrayList<>();
        try (Progress silent = Progress.on(terminal, true)) {
            ObjectNode body = body(order, silent, added);
            return new Doc(client.post(Route.api("jobs").with("dry_run", true), body));
        } finally {
            forget(added);
        }
    }

    @Override
    public Doc submit(Order order, Progress progress) {
        List<String> added = new ArrayList<>();
        String once = once(order.idempotencyKey()); // refused before anything is sent
        ObjectNode body = body(order, progress, added);
        try {
            return new Doc(client.postOnce(Route.api("jobs"), body, once));
        } catch (CallFailedException e) {
            if (mayHaveHappened(e)) {
                throw new CommandFailed(
                        e.getMessage() + "; whether the job was taken is not known: to find out without paying twice,"
                                + " repeat with --idempotency-key " + once,
                        e);
            }
            forget(added);
            throw e;
        }
    }

    private ObjectNode body(Order order, Progress progress, List<String> added) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        order.graph()
                .ifPresentOrElse(
                        graph -> body.set("workflow", graph(graph)), () -> body.put("workflow", order.workflow()));
        ObjectNode inputs = JsonNodeFactory.instance.objectNode();
        order.inputs().forEach(inputs::put);
        order.files().forEach((name, files) -> {
            ArrayNode ids = JsonNodeFactory.instance.arrayNode();
            files.forEach(file -> ids.add(brought(file, progress, added)));
            inputs.set(name, ids.size() == 1 ? reference(ids.get(0).textValue()) : ids);
        });
        if (!inputs.isEmpty()) {
            body.set("inputs", inputs);
        }
        order.quote().ifPresent(quote -> body.put("quote_id", quote));
        if (order.priority() != 0) {
            body.put("priority", order.priority());
        }
        if (!order.tags().isEmpty()) {
            ArrayNode tags = body.putArray("tags");
            order.tags().forEach(tags::add);
        }
        return body;
    }

    /** A file as it stands in graphs: unlike an id alone it counts by its bytes, for keys and quotes. */
    private static JsonNode reference(String asset) {
        ObjectNode reference = JsonNodeFactory.instance.objectNode().put("__type", "core/ASSET");
        reference.putObject("info").put("id", asset);
        return reference;
    }

    private static JsonNode graph(String text) {
        try {
            return ApiJson.read(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CommandFailed("the graph is not JSON", e);
        }
    }

    private String brought(Path file, Progress progress, List<String> added) {
        Progress.Track track = progress.track(String.valueOf(file.getFileName()));
        try {
            Uploads.Brought brought =
                    new Uploads(client, new Blake3Hashing()).bring(file, done -> track.at(done, "sending"));
            track.ended(brought.sent() ? "sent" : "the server has it");
            Doc asset = new Doc(brought.asset());
            if (brought.sent() && asset.flag("created_new")) {
                added.add(asset.needed("id")); // what was there before is not forgotten with a refused request
            }
            return asset.needed("id");
        } catch (CallFailedException e) {
            track.ended("failed");
            throw e.status() >= 400 && e.status() < 500 ? new CommandFailed(file + ": " + e.getMessage(), e) : e;
        } catch (IOException e) {
            track.ended("failed");
            throw new CommandFailed(file + ": can't be read: " + e, e);
        }
    }

    /** The server keeps files for a while only; what can't be deleted now goes then. */
    private void forget(List<String> added) {
        for (String id : added) {
            try {
                client.delete(Route.api("assets", id));
            } catch (CallFailedException e) {
                return;
            }
        }
    }

    @Override
    public String waitingFor(JobId id) {
        return "To follow it: " + again(id);
    }

    private String again(JobId id) {
        return "tollgate jobs watch " + id + " --url " + client.server();
    }

    /** Follows what the server tells. If this process is ended meanwhile the job goes on. */
    @Override
    public Doc follow(JobId id, Progress progress) {
        Doc job = job(id);
        Progress.Track track = progress.track(job.text("workflow"));
        Thread told =
                new Thread(() -> terminal.complain("The job goes on. To follow it: " + again(id)), "tollgate-left");
        Runtime.getRuntime().addShutdownHook(told);
        try {
            new JobWatch(client, Backoff.LONG).follow(id.toString(), new Shown(track));
        } catch (CallFailedException e) {
            track.ended("lost");
            throw new CommandFailed(e.getMessage() + "; the job goes on: " + again(id), e);
        } finally {
            removeHook(told);
        }
        Doc end = job(id);
        if (end.text("status").equals("succeeded")) {
            track.at(1, "");
        }
        track.ended(JobText.end(end));
        return end;
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is ending: it tells
        }
    }

    /** Shows on a track of progress what a server tells. */
    private static final class Shown implements JobWatch.Listener {
        private final Progress.Track track;

        Shown(Progress.Track track) {
            this.track = track;
        }

        @Override
        public void status(String status, JsonNode event) {
            int place = event.path("queue_position").asInt(0);
            track.at(0, place > 0 ? Following.waiting(place) : status);
        }

        @Override
        public void moved(String kind, JsonNode event) {
            if (kind.equals("progress")) {
                track.at(event.path("value").asDouble(0), event.path("message").asText("running"));
            } else if (kind.equals("position")) {
                track.at(0, Following.waiting(event.path("queue_position").asInt(1)));
            }
        }

        @Override
        public void lost(String why, Duration wait) {
            track.note(why + "; trying again in " + Math.max(1, wait.toSeconds()) + " s");
        }
    }

    @Override
    public Map<String, Path> fetch(Doc job, Path directory, String base, Progress progress) {
        Map<String, Path> copies = new LinkedHashMap<>();
        Downloads downloads = new Downloads(client, new Blake3Hashing(), Backoff.LONG);
        List<Doc> outputs = job.list("outputs");
        try {
            Files.createDirectories(directory);
            for (int index = 0; index < outputs.size(); index++) {
                Doc output = outputs.get(index);
                if (output.flag("deleted")) {
                    continue;
                }
                String name = base
                        + (index == 0 ? "" : "-" + (index + 1))
                        + ContentTypes.extension(output.text("content_type"));
                Path copy = directory.resolve(name);
                Progress.Track track = progress.track(name);
                downloads.fetch(
                        output.needed("id"),
                        output.whole("size_bytes"),
                        hash(output),
                        copy,
                        done -> track.at(done, "fetching"));
                track.at(1, "");
                track.ended("fetched");
                copies.put(output.needed("id"), copy);
            }
        } catch (IOException e) {
            throw new CommandFailed("the outputs can't be copied to " + directory + ": " + e, e);
        }
        return copies;
    }

    private static ContentHash hash(Doc output) {
        try {
            return ContentHash.parse(output.needed("hash"));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("the server's answer makes no sense: '" + output.text("hash") + "' is no hash", e);
        }
    }

    private String me() {
        return get(Route.api("me")).needed("user_id");
    }

    /** Whether it is the key's own user, who needs no operator. */
    private boolean isOwn(Optional<UserId> whose) {
        return whose.isEmpty() || whose.get().value().equals(me());
    }

    @Override
    public Doc credits(Optional<UserId> whose) {
        return isOwn(whose) ? get(Route.api("credits")) : ofUser(whose.orElseThrow());
    }

    private Doc ofUser(UserId whose) {
        return get(Route.admin("users", whose));
    }

    @Override
    public Doc history(Optional<UserId> whose, int limit) {
        String owner = whose.map(UserId::value).orElseGet(this::me);
        Route route =
                isOwn(whose) ? Route.api("credits", "entries") : Route.admin("users", whose.orElseThrow(), "ledger");
        return pages(route, "entries", limit).with("user_id", owner);
    }

    @Override
    public Doc draw(Optional<UserId> whose) {
        String me = me();
        if (whose.isPresent() && !whose.get().value().equals(me)) {
            throw new CommandFailed("everybody draws with a key of their own: this one is " + me + "'s");
        }
        return new Doc(client.post(Route.api("credits", "lucky-draw"))).with("user_id", me);
    }

    @Override
    public Doc grant(UserId whose, Amount amount, String reason, Optional<String> once) {
        return booked("grant", whose, amount, reason, once);
    }

    @Override
    public Doc adjust(UserId whose, Amount amount, String reason, Optional<String> once) {
        return booked("adjust", whose, amount, reason, once);
    }

    private Doc booked(String verb, UserId whose, Amount amount, String reason, Optional<String> once) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("amount", amount.toCredits()).put("reason", reason);
        String key = once(once);
        try {
            return new Doc(client.postOnce(Route.admin("users", whose, verb), body, key));
        } catch (CallFailedException e) {
            if (!mayHaveHappened(e)) {
                throw e;
            }
            throw new CommandFailed(
                    e.getMessage() + "; whether it was booked is not known: repeat with --idempotency-key " + key, e);
        }
    }

    @Override
    public Doc tier(UserId whose, String tier, Optional<Instant> until, String reason) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("tier", tier).put("reason", reason);
        until.ifPresent(end -> body.put("until", end.toString()));
        return new Doc(client.put(Route.admin("users", whose, "tier"), body));
    }

    @Override
    public Doc limits() {
        return get(Route.admin("limits"));
    }

    @Override
    public void limit(ModelName model, OptionalInt limit) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        if (limit.isPresent()) {
            body.put("max_concurrent", limit.getAsInt());
        } else {
            body.putNull("max_concurrent");
        }
        client.put(Route.admin("limits", model), body);
    }

    @Override
    public Doc queues() {
        return get(Route.api("queues"));
    }

    @Override
    public void queue(QueueName queue, QueueSwitch.Mode mode) {
        String verb = switch (mode) {
            case OPEN -> "resume";
            case PAUSED -> "pause";
            case DRAINING -> "drain";
        };
        client.post(Route.admin("queues", queue, verb));
    }

    @Override
    public Doc backends() {
        return get(Route.admin("backends"));
    }

    @Override
    public Doc keys(Optional<UserId> whose) {
        return get(Route.admin("keys").with("user", whose.map(UserId::value).orElse("")));
    }

    @Override
    public Doc createKey(Optional<UserId> whose, Set<Scope> scopes, Optional<Duration> lifetime, String name) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("user", whose.map(UserId::value).orElseGet(this::me));
        ArrayNode words = body.putArray("scopes");
        scopes.forEach(scope -> words.add(scope.word()));
        body.put("name", name);
        lifetime.ifPresent(span -> body.put("expires_in", span.toSeconds()));
        return new Doc(client.post(Route.admin("keys"), body));
    }

    @Override
    public Doc revokeKey(KeyId id) {
        client.delete(Route.admin("keys", id));
        return keys(Optional.empty()).list("keys").stream()
                .filter(key -> key.text("id").equals(id.toString()))
                .findFirst()
                .orElseGet(() -> Doc.of(Map.of("id", id.toString(), "status", "revoked")));
    }

    @Override
    public Doc deliveries(Optional<Delivery.State> state, int limit) {
        Route route = Route.admin("deliveries")
                .with("state", state.map(Delivery.State::word).orElse(""));
        return pages(route, "deliveries", limit);
    }

    @Override
    public Doc delivery(DeliveryId id) {
        return get(Route.admin("deliveries", id));
    }

    @Override
    public Doc redeliver(DeliveryId id) {
        return new Doc(client.post(Route.admin("deliveries", id, "redeliver")));
    }

    @Override
    public Doc payments(Optional<Payment.State> state, Optional<UserId> whose, int limit) {
        Route route = Route.admin("payments")
                .with("state", state.map(Payment.State::word).orElse(""))
                .with("user", whose.map(UserId::value).orElse(""));
        return pages(route, "payments", limit);
    }

    @Override
    public Doc match(PaymentId id, UserId whose, Amount credits, String reason) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("user", whose.value()).put("credits", credits.toCredits()).put("reason", reason);
        return payment(Route.admin("payments", id, "match"), body);
    }

    @Override
    public Doc refund(PaymentId id, boolean override, String reason) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("override", override).put("reason", reason);
        return payment(Route.admin("payments", id, "refund"), body);
    }

    private Doc payment(Route route, ObjectNode body) {
        try {
            return new Doc(client.post(route, body));
        } catch (CallFailedException e) {
            String message = String.valueOf(e.getMessage()).replace("with \"override\": true", "with --override");
            throw new CommandFailed(
                    mayHaveHappened(e)
                            ? message + "; whether it was done is not known: look with 'tollgate payments list' first"
                            : message,
                    e);
        }
    }

    @Override
    public Doc notice() {
        return get(Route.api("notice"));
    }

    @Override
    public Doc show(Optional<String> notice) {
        if (notice.isPresent()) {
            return new Doc(client.put(Route.admin("notice"), Map.of("text", notice.get())));
        }
        client.delete(Route.admin("notice"));
        return notice();
    }

    @Override
    public Doc submissions() {
        return get(Route.admin("submissions"));
    }

    @Override
    public Doc take(SubmissionMode mode, String text) {
        return new Doc(client.put(Route.admin("submissions"), Map.of("mode", mode.word(), "text", text)));
    }

    @Override
    public Doc storage() {
        return get(Route.admin("storage"));
    }

    @Override
    public Doc audit() {
        return get(Route.admin("audit"));
    }

    /** Copies the database, on the server's machine: where to, and how large it is. */
    Doc backup() {
        return new Doc(client.post(Route.admin("backup")));
    }

    @Override
    public void close() {
        client.close();
    }
}
